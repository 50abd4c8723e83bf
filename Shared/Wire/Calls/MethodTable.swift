public import Contracts

/// The methods that a peer answers.
public struct MethodTable: Sendable {
    typealias Handler = @Sendable (MessageBody, IncomingCall) async -> Result<MessageBody, CallError>

    struct Entry: Sendable {
        /// Whether the caller may send items.
        let takesItems: Bool
        let handler: Handler
    }

    private(set) var entries: [String: Entry] = [:]

    /// In the order of the alphabet, as `HELLO` announces them.
    public var names: [String] { entries.keys.sorted() }

    public init() {}

    /// Answers a method. The handler may throw `CallError`, which is sent as it is; anything else becomes `internal` and
    /// tells the type of the error only, since its text might hold what people wrote.
    public mutating func on<Request, In, Out, Response>(
        _ method: CallMethod<Request, In, Out, Response>,
        _ handler: @escaping @Sendable (Request, CallContext<In, Out>) async throws -> Response
    ) {
        let name = method.name
        entries[name] = Entry(takesItems: In.self != NoItem.self) { body, call in
            do {
                return .success(try await handler(Request(body), CallContext(call: call)).encoded())
            } catch let error as CallError {
                return .failure(error)
            } catch is CancellationError {
                return .failure(CallError(.cancelled, "\(name) was stopped"))
            } catch {
                return .failure(CallError(.internal, "\(name) failed with \(type(of: error))"))
            }
        }
    }
}
