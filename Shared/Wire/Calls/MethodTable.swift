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

    /// Answers a method. What the handler throws is answered as `CallError(answering:)` has it.
    public mutating func on<Request, In, Out, Response>(
        _ method: CallMethod<Request, In, Out, Response>,
        _ handler: @escaping @Sendable (Request, CallContext<In, Out>) async throws -> Response
    ) {
        let name = method.name
        entries[name] = Entry(takesItems: In.self != NoItem.self) { body, call in
            do {
                return .success(try await handler(Request(body), CallContext(call: call)).encoded())
            } catch {
                return .failure(CallError(answering: error))
            }
        }
    }
}
