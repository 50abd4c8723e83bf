internal import CSys
internal import Synchronization

/// Where a `WorkerPool` posts the tasks of one piece of work and its threads take them.
///
/// The word `open` holds the number of the piece (upper half) and how many of its tasks nobody has taken (lower half).
/// A task is taken by lowering it in one compare-and-exchange, which fails for a thread that still looks at an earlier
/// piece. A taken task keeps `waitUntilDone`, hence the next `post`, from returning: so after a successful exchange
/// `work` and `tasks` are those of the piece, and nobody writes them. That is why `@unchecked Sendable` is true.
final class TaskBoard: @unchecked Sendable {
    private let open = Atomic<UInt64>(0)
    private let helpersAsleep = Atomic<Int>(0)
    private let callerAsleep = Atomic<Bool>(false)
    private let stopped = Atomic<Bool>(false)
    /// At a fixed address, since the kernel is told it: counts pieces posted, and the stop.
    private let signal = UnsafeMutablePointer<Atomic<UInt32>>.allocate(capacity: 1)
    /// At a fixed address likewise: tasks of the piece that have not returned.
    private let unfinished = UnsafeMutablePointer<Atomic<UInt32>>.allocate(capacity: 1)
    private let spins: Int
    private var tasks = 0
    /// Where the piece's work lies, and what it is.
    private var work: (address: UnsafeRawPointer, type: any PoolWork.Type)?

    /// - Parameter spins: How often to look again before sleeping.
    init(spins: Int) {
        self.spins = spins
        signal.initialize(to: Atomic(0))
        unfinished.initialize(to: Atomic(0))
    }

    deinit {
        signal.deallocate()
        unfinished.deallocate()
    }

    /// Called by one thread at a time, and only when the last piece is done.
    ///
    /// - Parameter address: Of the work, which stays there until `waitUntilDone` has returned.
    func post<Work: PoolWork>(tasks: Int, _ address: UnsafePointer<Work>) {
        precondition(tasks <= Int(Int32.max), "\(tasks) tasks in one piece of work")
        self.tasks = tasks
        work = (UnsafeRawPointer(address), Work.self)
        unfinished.pointee.store(UInt32(tasks), ordering: .relaxed)
        let piece = (open.load(ordering: .relaxed) >> 32) &+ 1
        open.store(piece << 32 | UInt64(tasks), ordering: .releasing)
        signal.pointee.add(1, ordering: .sequentiallyConsistent)
        if helpersAsleep.load(ordering: .sequentiallyConsistent) > 0 {
            csys_futex_wake(signal, Int32(clamping: tasks - 1))
        }
    }

    /// Takes one task and does it; false when none is left to take.
    func performOne() -> Bool {
        var seen = open.load(ordering: .acquiring)
        while true {
            let left = seen & 0xFFFF_FFFF
            guard left > 0 else { return false }
            let (exchanged, now) = open.weakCompareExchange(
                expected: seen, desired: seen - 1, ordering: .acquiringAndReleasing)
            guard exchanged else {
                seen = now
                continue
            }
            perform(tasks - Int(left))
            if unfinished.pointee.subtract(1, ordering: .sequentiallyConsistent).newValue == 0,
                callerAsleep.load(ordering: .sequentiallyConsistent)
            {
                csys_futex_wake(unfinished, 1)
            }
            return true
        }
    }

    /// Not inlined, so that no reference to anything in the work outlives the call: once the task counts as finished, the
    /// caller of `run` may be gone, and the work with it.
    @inline(never)
    private func perform(_ task: Int) { if let work { work.type.perform(task, at: work.address) } }

    /// Returns when every task of the piece has returned.
    func waitUntilDone() {
        var looks = 0
        while true {
            let left = unfinished.pointee.load(ordering: .sequentiallyConsistent)
            if left == 0 { break }
            looks += 1
            if looks <= spins {
                csys_spin_hint()
            } else {
                callerAsleep.store(true, ordering: .sequentiallyConsistent)
                let still = unfinished.pointee.load(ordering: .sequentiallyConsistent)
                if still != 0 { csys_futex_wait(unfinished, still) }
                callerAsleep.store(false, ordering: .sequentiallyConsistent)
            }
        }
        work = nil
    }

    /// A helper's life: takes tasks until the board is stopped.
    func help() {
        var looks = 0
        while !stopped.load(ordering: .acquiring) {
            let heard = signal.pointee.load(ordering: .sequentiallyConsistent)
            if performOne() {
                looks = 0
                continue
            }
            looks += 1
            if looks <= spins {
                csys_spin_hint()
                continue
            }
            helpersAsleep.add(1, ordering: .sequentiallyConsistent)
            if !stopped.load(ordering: .sequentiallyConsistent) { csys_futex_wait(signal, heard) }
            helpersAsleep.subtract(1, ordering: .sequentiallyConsistent)
            looks = 0
        }
    }

    /// Ends every helper's life. Called when no piece is open.
    func stop() {
        stopped.store(true, ordering: .sequentiallyConsistent)
        signal.pointee.add(1, ordering: .sequentiallyConsistent)
        csys_futex_wake(signal, Int32.max)
    }
}
