internal import CSys
internal import Glibc

/// An operating system's thread with a name, which runs one closure from start to end.
///
/// `@unchecked Sendable`: the handle is written before anyone else sees the object and only read afterwards.
public final class OwnThread: @unchecked Sendable {
    private var handle = pthread_t()

    /// - Parameter name: As `ps -L` shows it; 15 bytes are kept.
    /// - Precondition: The system has a thread to give.
    public init(name: String, _ body: @escaping @Sendable () -> Void) {
        let start = Unmanaged.passRetained(Start(name: name, body: body))
        let status = pthread_create(
            &handle, nil,
            { @Sendable argument in
                guard let argument else { return nil }
                let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                csys_thread_name(start.name)
                start.body()
                return nil
            }, start.toOpaque())
        precondition(status == 0, "no thread \(name): error \(status)")
    }

    /// Waits for the end of the closure. To be called once; from within the closure it does not wait.
    public func join() {
        if pthread_equal(handle, pthread_self()) != 0 {
            pthread_detach(handle)
        } else {
            pthread_join(handle, nil)
        }
    }

    private final class Start: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }
}
