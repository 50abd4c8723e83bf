public import Contracts

/// What a handler is given beside the request. The handler's task is cancelled on `CANCEL`, at the deadline, and when the
/// caller is lost.
public struct CallContext<In: CheckedMessage, Out: CheckedMessage>: Sendable {
    let call: IncomingCall

    /// Time until the deadline; zero when it is past.
    public var budgetLeft: Duration { max(.zero, call.deadline - Moment.now) }
    public var tenant: String { call.tenant }
    public var traceparent: String { call.traceparent }
    public var attempt: Int { call.attempt }

    /// The caller's items, for one consumer; they end when the caller has finished sending.
    public var items: CallItems<In> { CallItems(inbox: call.inbox, onBreak: { _ in }, holder: nil) }

    /// Sends one item; waits for the caller's credit.
    ///
    /// - Throws: `cancelled`, `deadlineExceeded` … when the call has ended meanwhile.
    public func send(_ item: Out) async throws(CallError) {
        if let failure = await call.send(item.encoded()) { throw failure }
    }
}

/// A call that this side answers, before its messages have types.
struct IncomingCall: Sendable {
    let deadline: Moment
    let tenant: String
    let traceparent: String
    let attempt: Int
    let inbox: ItemInbox
    let send: @Sendable (MessageBody) async -> CallError?
}
