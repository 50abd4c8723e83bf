public import Contracts

/// What a caller may say about a call beside its request.
public struct CallOptions: Sendable {
    /// Time until the call ends as `deadlineExceeded`; every hop passes on what is left of it.
    public var budget: Duration
    /// On whose behalf.
    public var tenant: String
    /// W3C Trace Context.
    public var traceparent: String
    /// 0 at first, one more after each takeover.
    public var attempt: Int
    /// Items the caller takes before it has consumed any: 1...256.
    public var itemCredit: Int

    public init(
        budget: Duration = .seconds(60), tenant: String = "", traceparent: String = "", attempt: Int = 0,
        itemCredit: Int = 64
    ) {
        self.budget = budget
        self.tenant = tenant
        self.traceparent = traceparent
        self.attempt = attempt
        self.itemCredit = itemCredit
    }
}

/// Whoever can call the methods of other processes.
public protocol Caller: Sendable {
    /// Starts a call. What goes wrong, from the first moment on, is thrown by `items`, `send` and `response`.
    func call<Request, In, Out, Response>(
        _ method: CallMethod<Request, In, Out, Response>, _ request: Request, options: CallOptions
    ) async -> OutgoingCall<In, Out, Response>
}

extension Caller {
    public func call<Request, In, Out, Response>(
        _ method: CallMethod<Request, In, Out, Response>, _ request: Request
    ) async -> OutgoingCall<In, Out, Response> {
        await call(method, request, options: CallOptions())
    }

    /// One request, one response. Items are taken and dropped, so that no sender waits for their credit.
    public func ask<Request, In, Out, Response>(
        _ method: CallMethod<Request, In, Out, Response>, _ request: Request, options: CallOptions = CallOptions()
    ) async throws(CallError) -> Response {
        let call = await call(method, request, options: options)
        if In.self != NoItem.self { await call.finishSending() }
        if Out.self != NoItem.self { try await call.dropItems() }
        return try await call.response()
    }
}
