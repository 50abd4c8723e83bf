import Compute
import Synchronization
import Testing

@Suite struct WorkerPoolTests {
    @Test(arguments: [1, 2, 3, 5]) func doesEveryTaskOnce(threads: Int) {
        let pool = WorkerPool(threads: threads)
        for tasks in [0, 1, 2, 3, 17, 1000] {
            let done = AlignedFloats(count: tasks)
            pool.run(tasks: tasks) { done.base[$0] += 1 }
            #expect(done.buffer.allSatisfy { $0 == 1 }, "\(tasks) tasks")
        }
    }

    @Test func keepsPiecesApartThatFollowAtOnce() {
        let pool = WorkerPool(threads: 4)
        let sums = AlignedFloats(count: 8)
        for piece in 0..<5000 {
            pool.run(tasks: 8) { sums.base[$0] += Float(piece & 1) }
        }
        #expect(sums.buffer.allSatisfy { $0 == 2500 })
    }

    @Test func servesSeveralCallersInTurn() async {
        let pool = WorkerPool(threads: 2)
        let counter = Counter()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<200 { pool.run(tasks: 5) { counter.total.add($0, ordering: .relaxed) } }
                }
            }
        }
        #expect(counter.total.load(ordering: .relaxed) == 4 * 200 * (0 + 1 + 2 + 3 + 4))
    }

    /// A task a thread, none of which ends before all have begun: then each thread has one.
    @Test(arguments: [false, true]) func helpersStayOnACPUOfTheirOwnIfAsked(pinsHelpers: Bool) {
        let cpus = WorkerPool.allowedCPUs
        let pool = WorkerPool(threads: cpus, pinsHelpers: pinsHelpers)
        let begun = Counter()
        let pinned = Counter()
        pool.run(tasks: cpus) { _ in
            begun.total.add(1, ordering: .sequentiallyConsistent)
            while begun.total.load(ordering: .sequentiallyConsistent) < cpus {}
            if WorkerPool.allowedCPUs == 1 { pinned.total.add(1, ordering: .relaxed) }
        }
        #expect(pinned.total.load(ordering: .relaxed) == (cpus == 1 ? 1 : pinsHelpers ? cpus - 1 : 0))
    }

    @Test func aPoolOfAnotherSizePinsNobody() {
        let pool = WorkerPool(threads: WorkerPool.allowedCPUs + 1, pinsHelpers: true)
        let free = Counter()
        pool.run(tasks: 100) { _ in
            if WorkerPool.allowedCPUs > 1 { free.total.add(1, ordering: .relaxed) }
        }
        #expect(free.total.load(ordering: .relaxed) == (WorkerPool.allowedCPUs > 1 ? 100 : 0))
    }

    @Test func endsItsThreadsWithIt() {
        for _ in 0..<50 {
            let pool = WorkerPool(threads: 3)
            pool.run(tasks: 3) { _ in }
        }
    }

    @Test func buffersStartAtCacheLines() {
        for count in [0, 1, 15, 16, 1000] {
            let floats = AlignedFloats(count: count)
            #expect(UInt(bitPattern: floats.base) % 64 == 0)
            #expect(floats.buffer.count == count && floats.buffer.allSatisfy { $0 == 0 })
        }
    }
}

private final class Counter: Sendable {
    let total = Atomic<Int>(0)
}
