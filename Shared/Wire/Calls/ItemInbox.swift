import Contracts
import Synchronization

/// Where the items of one direction wait for their consumer. At most the credit that was given waits here.
final class ItemInbox: Sendable {
    private struct State {
        var waiting: [MessageBody] = []
        var end: Result<Void, CallError>?
        var consumer: CheckedContinuation<Result<MessageBody?, CallError>, Never>?
        var consumed = 0
    }

    private let state = Mutex(State())
    /// Consumed items are told in batches, so that a `CREDIT` is not sent for each.
    private let creditBatch: Int
    private let onConsumed: @Sendable (Int) -> Void

    init(window: Int, onConsumed: @escaping @Sendable (Int) -> Void) {
        creditBatch = max(1, window / 2)
        self.onConsumed = onConsumed
    }

    func put(_ item: MessageBody) {
        let consumer = state.withLock { state -> CheckedContinuation<Result<MessageBody?, CallError>, Never>? in
            guard state.end == nil else { return nil }
            guard let consumer = state.consumer else {
                state.waiting.append(item)
                return nil
            }
            state.consumer = nil
            return consumer
        }
        guard let consumer else { return }
        tellConsumed()
        consumer.resume(returning: .success(item))
    }

    /// No more items. A failure also drops what waits: who cannot get all should not take a part for the whole.
    func end(_ end: Result<Void, CallError>) {
        let consumer = state.withLock { state -> CheckedContinuation<Result<MessageBody?, CallError>, Never>? in
            guard state.end == nil else { return nil }
            state.end = end
            if case .failure = end { state.waiting = [] }
            defer { state.consumer = nil }
            return state.consumer
        }
        consumer?.resume(returning: end.map { nil })
    }

    /// The next item; nil after the last.
    func next() async -> Result<MessageBody?, CallError> {
        await withCheckedContinuation {
            (consumer: CheckedContinuation<Result<MessageBody?, CallError>, Never>) in
            let ready = state.withLock { state -> Result<MessageBody?, CallError>? in
                if !state.waiting.isEmpty { return .success(state.waiting.removeFirst()) }
                if let end = state.end { return end.map { nil } }
                guard state.consumer == nil else {
                    return .failure(CallError(.internal, "the items of a call have two consumers; one is allowed"))
                }
                state.consumer = consumer
                return nil
            }
            guard let ready else { return }
            if case .success(.some) = ready { tellConsumed() }
            consumer.resume(returning: ready)
        }
    }

    private func tellConsumed() {
        let batch = state.withLock { state -> Int in
            state.consumed += 1
            guard state.consumed >= creditBatch, state.end == nil else { return 0 }
            defer { state.consumed = 0 }
            return state.consumed
        }
        if batch > 0 { onConsumed(batch) }
    }
}
