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

    /// CPUs that this process may use.
    public static var allowedCPUs: Int { Int(csys_allowed_cpus()) }

    /// - Precondition: `threads` is positive.
    public init(threads: Int) {
        precondition(threads > 0, "a pool of \(threads) threads")
        self.threads = threads
        // A thread that spins on a CPU which another needs only delays it.
        let board = TaskBoard(spins: threads <= Self.allowedCPUs ? 4000 : 0)
        self.board = board
        helpers = (1..<threads).map { OwnThread(name: "clq-work-\($0)") { board.help() } }
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
        guard tasks > 0 else { return }
        if helpers.isEmpty || tasks == 1 {
            for task in 0..<tasks { body(task) }
            return
        }
        turn.withLock { _ in
            withoutActuallyEscaping(body) { body in
                board.post(tasks: tasks, body)
                while board.performOne() {}
                board.waitUntilDone()
            }
        }
    }
}
