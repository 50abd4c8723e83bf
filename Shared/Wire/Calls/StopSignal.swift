import Contracts
import Synchronization

/// Says once that it is time to stop, and why.
final class StopSignal: Sendable {
    private struct State {
        var result: Result<Void, CallError>?
        var waiting: [CheckedContinuation<Result<Void, CallError>, Never>] = []
    }

    private let state = Mutex(State())

    /// The first word counts.
    func fire(_ result: Result<Void, CallError> = .success(())) {
        let waiting = state.withLock { state -> [CheckedContinuation<Result<Void, CallError>, Never>] in
            guard state.result == nil else { return [] }
            state.result = result
            defer { state.waiting = [] }
            return state.waiting
        }
        for one in waiting { one.resume(returning: result) }
    }

    /// Until it fires, or the task is cancelled, which fires it.
    func wait() async -> Result<Void, CallError> {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let known = state.withLock { state -> Result<Void, CallError>? in
                    if state.result == nil { state.waiting.append(continuation) }
                    return state.result
                }
                if let known { continuation.resume(returning: known) }
            }
        } onCancel: {
            fire()
        }
    }
}
