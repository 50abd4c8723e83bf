import Contracts
import Synchronization

/// What an outgoing call asks of the end that made it.
protocol CallLine: Sendable {
    /// Waits for credit; answers why it was not sent.
    func send(_ item: MessageBody, on stream: StreamID) async -> CallError?
    func finishSending(on stream: StreamID) async
    func cancel(_ stream: StreamID, because error: CallError)
}

/// An outgoing call while somebody holds it.
final class CallHandle: Sendable {
    let stream: StreamID
    let line: any CallLine
    let inbox: ItemInbox
    let outcome: Outcome

    init(stream: StreamID, line: any CallLine, inbox: ItemInbox, outcome: Outcome) {
        self.stream = stream
        self.line = line
        self.inbox = inbox
        self.outcome = outcome
    }

    // Nobody can read the answer any more, so nobody should work on it.
    deinit { if !outcome.isKnown { line.cancel(stream, because: .cancelledByCaller) } }

    func cancel() { stop(because: .cancelledByCaller) }

    func stop(because error: CallError) { line.cancel(stream, because: error) }
}

extension CallError {
    static let cancelledByCaller = CallError(.cancelled, "the caller cancelled the call")
}

/// How a call ended, once it is known.
final class Outcome: Sendable {
    private struct State {
        var result: Result<MessageBody, CallError>?
        var waiting: [CheckedContinuation<Result<MessageBody, CallError>, Never>] = []
    }

    private let state = Mutex(State())

    var isKnown: Bool { state.withLock { $0.result != nil } }

    /// The first word counts.
    func settle(_ result: Result<MessageBody, CallError>) {
        let waiting = state.withLock { state -> [CheckedContinuation<Result<MessageBody, CallError>, Never>] in
            guard state.result == nil else { return [] }
            state.result = result
            defer { state.waiting = [] }
            return state.waiting
        }
        for one in waiting { one.resume(returning: result) }
    }

    func wait() async -> Result<MessageBody, CallError> {
        await withCheckedContinuation { continuation in
            let known = state.withLock { state -> Result<MessageBody, CallError>? in
                if state.result == nil { state.waiting.append(continuation) }
                return state.result
            }
            if let known { continuation.resume(returning: known) }
        }
    }
}

/// The line of a call that was never made.
private struct DeadLine: CallLine {
    let error: CallError

    func send(_ item: MessageBody, on stream: StreamID) async -> CallError? { error }
    func finishSending(on stream: StreamID) async {}
    func cancel(_ stream: StreamID, because error: CallError) {}
}

extension CallHandle {
    static func failed(_ error: CallError) -> CallHandle {
        let handle = CallHandle(
            stream: .random(), line: DeadLine(error: error), inbox: ItemInbox(window: 1) { _ in }, outcome: Outcome())
        handle.outcome.settle(.failure(error))
        handle.inbox.end(.failure(error))
        return handle
    }
}
