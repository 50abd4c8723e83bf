public import Contracts

/// A call that this side made. It is cancelled when nobody holds it any more.
public struct OutgoingCall<In: CheckedMessage, Out: CheckedMessage, Response: CheckedMessage>: Sendable {
    let handle: CallHandle

    /// Sends one item; waits for the callee's credit.
    ///
    /// - Throws: The call's end, when it has ended; `cancelled`, when the surrounding task is cancelled, which cancels
    ///   the call.
    public func send(_ item: In) async throws(CallError) {
        let body = item.encoded()
        let failure = await withTaskCancellationHandler {
            await handle.line.send(body, on: handle.stream)
        } onCancel: {
            handle.cancel()
        }
        if let failure { throw failure }
    }

    /// Says that no more items follow. The callee's items and its response are not touched by it.
    public func finishSending() async { await handle.line.finishSending(on: handle.stream) }

    /// The callee's items, for one consumer. They end before the response; a call that fails throws its error here too.
    public var items: CallItems<Out> {
        CallItems(inbox: handle.inbox, onBreak: { [weak handle] in handle?.stop(because: $0) }, holder: handle)
    }

    /// Waits for the end of the call. Items not consumed by then are dropped.
    public func response() async throws(CallError) -> Response {
        let outcome = await withTaskCancellationHandler {
            await handle.outcome.wait()
        } onCancel: {
            handle.cancel()
        }
        return try Response(outcome.get())
    }

    /// Stops the call; what is not yet received of it ends as `cancelled`.
    public func cancel() { handle.cancel() }

    func dropItems() async throws(CallError) {
        while try await handle.inbox.next().get() != nil {}
    }
}
