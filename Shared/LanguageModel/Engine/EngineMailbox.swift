internal import Compute
internal import Synchronization

/// A request on its way to the step loop.
struct Submission: Sendable {
    let ticket: GenerationTicket
    let request: GenerationRequest
    let onEvent: @Sendable (GenerationEvent) -> Void
    let submitted: ContinuousClock.Instant
}

/// What callers leave for the step loop.
final class EngineMailbox: Sendable {
    struct Mail: Sendable {
        var submissions: [Submission] = []
        var cancelled: Set<GenerationTicket> = []
        var isStopping = false
    }

    let bell = Bell()
    private let state = Mutex<(mail: Mail, next: UInt64, outstanding: Set<GenerationTicket>)>((Mail(), 0, []))

    var outstanding: Int { state.withLock { $0.outstanding.count } }

    func post(
        _ request: GenerationRequest, _ onEvent: @escaping @Sendable (GenerationEvent) -> Void, outstandingMax: Int
    ) throws(LanguageModelError) -> GenerationTicket {
        let result = state.withLock { state -> Result<GenerationTicket, LanguageModelError> in
            if state.mail.isStopping { return .failure(.stopped) }
            guard state.outstanding.count < outstandingMax else {
                return .failure(.overloaded(waiting: state.outstanding.count))
            }
            let ticket = GenerationTicket(number: state.next)
            state.next += 1
            state.outstanding.insert(ticket)
            state.mail.submissions.append(
                Submission(ticket: ticket, request: request, onEvent: onEvent, submitted: .now))
            return .success(ticket)
        }
        bell.ring()
        return try result.get()
    }

    func cancel(_ ticket: GenerationTicket) {
        state.withLock { state in
            if state.outstanding.contains(ticket) { state.mail.cancelled.insert(ticket) }
        }
        bell.ring()
    }

    /// False when it was stopped before.
    func stop() -> Bool {
        let isFirst = state.withLock { state in
            defer { state.mail.isStopping = true }
            return !state.mail.isStopping
        }
        bell.ring()
        return isFirst
    }

    /// Everything since the last time.
    func collect() -> Mail {
        state.withLock { state in
            let mail = state.mail
            state.mail = Mail(isStopping: mail.isStopping)
            return mail
        }
    }

    /// The request has ended; its ticket means nothing any more.
    func retire(_ ticket: GenerationTicket) {
        state.withLock { state in
            state.outstanding.remove(ticket)
            state.mail.cancelled.remove(ticket)
        }
    }
}
