/// A room's typed error that knows what to answer when it ends a call.
///
/// The rooms of the domain know no protocol, so a service states this for the errors of the rooms it uses, beside its
/// handlers.
public protocol CallErrorConvertible: Error {
    var callError: CallError { get }
}

extension CallError {
    /// The answer to any error that ends a call. What nobody foresaw is `internal`, and its text stays here: it may
    /// hold what a user wrote.
    public init(answering error: any Error) {
        switch error {
        case let error as CallError: self = error
        case let error as any CallErrorConvertible: self = error.callError
        case is CancellationError: self.init(.cancelled, "the caller stopped it")
        default: self.init(.internal, "an error that nobody foresaw (\(type(of: error))); the worker's log has more")
        }
    }
}

/// Runs work and gives its error the form in which it is answered.
public func answering<Result>(_ work: () async throws -> Result) async throws(CallError) -> Result {
    do { return try await work() } catch { throw CallError(answering: error) }
}
