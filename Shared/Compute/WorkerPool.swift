internal import CSys
internal import Synchronization

/// A fixed set of threads that share out the tasks of one piece of work at a time.
///
/// Which thread takes which task is chance; what a task computes must not depend on it. Between pieces of work the
/// threads spin for some microseconds, because the next piece of a decode step comes at once, and then sleep.
public final class WorkerPool: Sendable {
    /// Threads that work, the caller of `run` included.
    public let threads: Int

    private let board: TaskBoard
    private let helpers: [OwnThread]
    /// Callers take turns; held for the whole of a `run`.
    private let turn = Mutex<Void>(())

    /// CPUs that the calling thread may use; outside a pinned pool, those of the process.
    public static var allowedCPUs: Int { Int(csys_allowed_cpus()) }

    /// - Parameter pinsHelpers: Keeps each thread but the caller's on a CPU of its own, where there is one for every
    ///   thread and no more: a pool of fewer cannot know which ones others use. The caller stays free, since what it
    ///   starts would inherit its place.
    /// - Precondition: `threads` is positive.
    public init(threads: Int, pinsHelpers: Bool = false) {
        precondition(threads > 0, "a pool of \(threads) threads")
        self.threads = threads
        // A thread that spins on a CPU which another needs only delays it.
        let board = TaskBoard(spins: threads <= Self.allowedCPUs ? 4000 : 0)
        self.board = board
        let isPinned = pinsHelpers && threads == Self.allowedCPUs
        helpers = (1..<threads).map { number in
            OwnThread(name: "clq-work-\(number)") {
                // Where that is refused, the thread works all the same.
                if isPinned { _ = csys_pin_thread(Int32(clamping: number)) }
                board.help()
            }
        }
    }

    deinit {
        board.stop()
        for helper in helpers { helper.join() }
    }

    /// Calls `body` once for every number in `0..<tasks`, from this and the pool's threads, and returns when all calls
    /// have returned; what they wrote is then visible here.
    ///
    /// - Parameter body: Must be safe to call from several threads at once, for different numbers; must not call `run`
    ///   of the same pool.
    public func run(tasks: Int, _ body: (Int) -> Void) {
        withoutActuallyEscaping(body) { run(tasks: tasks, ClosureTasks(body: $0)) }
    }

    /// The same for work that is a value; allocates nothing.
    public func run<Work: PoolWork>(tasks: Int, _ work: Work) {
        guard tasks > 0 else { return }
        if helpers.isEmpty || tasks == 1 {
            for task in 0..<tasks { work.perform(task) }
            return
        }
        turn.withLock { _ in
            withUnsafePointer(to: work) { address in
                board.post(tasks: tasks, address)
                while board.performOne() {}
                board.waitUntilDone()
            }
        }
    }
}
