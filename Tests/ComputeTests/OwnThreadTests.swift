import Compute
import Synchronization
import Testing

@Suite struct OwnThreadTests {
    /// A thread that looks, waits and looks again misses no ring, whenever it comes.
    @Test func noRingIsMissed() {
        let bell = Bell()
        let work = Work()
        let thread = OwnThread(name: "a name longer than the system keeps") {
            var seen = 0
            while seen < 1000 {
                let heard = bell.count
                let now = work.done.load(ordering: .acquiring)
                if now == seen { bell.wait(since: heard) } else { seen = now }
            }
        }
        for _ in 0..<1000 {
            work.done.add(1, ordering: .releasing)
            bell.ring()
        }
        thread.join()
        #expect(work.done.load(ordering: .relaxed) == 1000)
    }
}

private final class Work: Sendable {
    let done = Atomic<Int>(0)
}
