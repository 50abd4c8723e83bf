import Dispatch

/// Runs long arithmetic apart from Swift's cooperative threads, of which there is one a core: two long requests would
/// hold them all, and nobody would be answered.
public enum BlockingWork {
    private static let queue = DispatchQueue(label: "colloquy.work", attributes: .concurrent)

    /// The caller bounds how much runs at once: a service by its slots.
    public static func run<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Swift.Result { try work() }) }
        }
    }
}
