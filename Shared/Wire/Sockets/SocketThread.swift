import CSys
import CZeroMQ
import Glibc
import Synchronization

/// One OS thread that is the executor of the actors whose sockets it polls: a socket is touched by its thread alone, and
/// the compiler checks it.
///
/// The thread lives as long as this object, so that a job that comes late still runs. Nothing may block on it.
final class SocketThread: SerialExecutor {
    private let core: Core

    /// Stops the process when the system has no eventfd or thread to give: an executor that cannot run anything is no
    /// place to report an error from.
    ///
    /// - Parameter name: At most 15 bytes, for `ps -L`.
    init(name: String) {
        core = Core(name: name)
        core.executor.withLock { $0.object = self }
        core.start()
    }

    deinit { core.stop() }

    func enqueue(_ job: consuming ExecutorJob) { core.add(UnownedJob(job)) }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    // Without these two `assumeIsolated` from the poll loop traps.
    func checkIsolated() { precondition(core.isCurrent, "not on the thread of this socket") }
    func isIsolatingCurrentContext() -> Bool? { core.isCurrent }

    /// From the thread only: what is polled, and who is called when it is ready or `tick` has passed.
    func poll(_ sockets: [ZSocket], tick: Duration, _ handler: @escaping @Sendable () -> Void) {
        precondition(core.isCurrent, "sockets are polled by their own thread")
        core.polled = Core.Polled(sockets: sockets, tickMilliseconds: Int(tick.wholeMilliseconds), handler: handler)
    }

    /// From the thread only.
    func stopPolling() {
        precondition(core.isCurrent, "sockets are polled by their own thread")
        core.polled = nil
    }
}

extension SocketThread {
    /// What the thread itself holds, so that it does not keep its executor alive.
    ///
    /// `@unchecked Sendable`: `polled` and `items` are touched by the thread alone; the rest is atomic or locked.
    fileprivate final class Core: @unchecked Sendable {
        struct Polled {
            let sockets: [ZSocket]
            let tickMilliseconds: Int
            let handler: @Sendable () -> Void
        }

        struct WeakExecutor { weak var object: SocketThread? }

        let executor = Mutex(WeakExecutor())
        var polled: Polled?
        private let name: String
        private let jobs = Mutex<[UnownedJob]>([])
        private let wake: Int32
        private let thread = Atomic<pthread_t>(0)
        private let stopped = Atomic<Bool>(false)

        init(name: String) {
            self.name = name
            wake = csys_eventfd()
            precondition(wake >= 0, "no eventfd: error \(-wake)")
        }

        deinit { Glibc.close(wake) }

        var isCurrent: Bool { pthread_equal(pthread_self(), thread.load(ordering: .acquiring)) != 0 }

        func start() {
            var made = pthread_t()
            let code = pthread_create(
                &made, nil,
                { @Sendable pointer in
                    if let pointer { Unmanaged<Core>.fromOpaque(pointer).takeRetainedValue().loop() }
                    return nil
                }, Unmanaged.passRetained(self).toOpaque())
            precondition(code == 0, "no thread for sockets: error \(code)")
            pthread_detach(made)
        }

        func stop() {
            stopped.store(true, ordering: .releasing)
            csys_eventfd_signal(wake)
        }

        func add(_ job: UnownedJob) {
            let isFirst = jobs.withLock { queue in
                queue.append(job)
                return queue.count == 1
            }
            if isFirst { csys_eventfd_signal(wake) }
        }

        private func loop() {
            thread.store(pthread_self(), ordering: .releasing)
            csys_thread_name(name)
            while !stopped.load(ordering: .acquiring) {
                // Held for the jobs only: a job may let go of the last actor, and with it of the executor.
                if let executor = executor.withLock({ $0.object }) {
                    let now = jobs.withLock { queue in
                        defer { queue = [] }
                        return queue
                    }
                    for job in now { job.runSynchronously(on: executor.asUnownedSerialExecutor()) }
                }
                wait()
            }
        }

        /// Until a job, a message or the tick comes.
        private func wait() {
            let polled = polled
            var items = [zmq_pollitem_t(socket: nil, fd: wake, events: Int16(ZMQ_POLLIN), revents: 0)]
            for socket in polled?.sockets ?? [] {
                items.append(zmq_pollitem_t(socket: socket.pointer, fd: 0, events: Int16(ZMQ_POLLIN), revents: 0))
            }
            _ = zmq_poll(&items, Int32(items.count), polled?.tickMilliseconds ?? -1)
            csys_eventfd_clear(wake)
            polled?.handler()
        }
    }
}
