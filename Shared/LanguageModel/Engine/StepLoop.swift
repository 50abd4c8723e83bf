internal import Checkpoint
internal import Compute
internal import Tokens

/// The engine's thread: collects mail, fills slots, runs a pass, chooses ids, tells frames; again and again.
final class StepLoop {
    private let model: LanguageModel
    private let limits: EngineLimits
    private let mailbox: EngineMailbox
    private let stock: KeyValuePages
    private let scratch: ForwardScratch
    /// In the order of their coming.
    private var waiting: [Submission] = []
    private var running: [RunningRequest] = []

    init(model: LanguageModel, limits: EngineLimits, mailbox: EngineMailbox) {
        self.model = model
        self.limits = limits
        self.mailbox = mailbox
        stock = KeyValuePages(
            layout: model.cacheLayout, capacity: limits.cacheBytesMax / model.cacheLayout.pageBytes)
        scratch = ForwardScratch(model, rowsMax: limits.slots + limits.prefillRows, logitRowsMax: limits.slots)
    }

    func run() {
        while true {
            let heard = mailbox.bell.count
            let mail = mailbox.collect()
            waiting += mail.submissions
            if mail.isStopping { return end(.stopped) { _ in true } }
            if !mail.cancelled.isEmpty { end(.cancelled) { mail.cancelled.contains($0) } }
            fillSlots()
            if running.isEmpty { mailbox.bell.wait(since: heard) } else { step() }
        }
    }

    // MARK: Coming and going

    /// First come, first served: a large request is not overtaken for ever by small ones.
    private func fillSlots() {
        while running.count < limits.slots, let next = waiting.first {
            let pages = model.cacheLayout.pages(forRows: next.request.cacheRowsMax)
            let reserved = running.reduce(0) { $0 + $1.pagesReserved }
            guard reserved + pages <= stock.capacity else { return }
            waiting.removeFirst()
            running.append(RunningRequest(next, model: model, stock: stock, pagesReserved: pages))
        }
    }

    /// Ends the requests that `isMeant` names.
    private func end(_ error: LanguageModelError, where isMeant: (GenerationTicket) -> Bool) {
        for submission in waiting + running.map(\.submission) where isMeant(submission.ticket) {
            tell(submission, .failed(error))
        }
        waiting.removeAll { isMeant($0.ticket) }
        running.removeAll { isMeant($0.submission.ticket) }
    }

    private func tell(_ submission: Submission, _ event: GenerationEvent) {
        switch event {
        case .frames: break
        case .finished, .failed: mailbox.retire(submission.ticket)
        }
        submission.onEvent(event)
    }

    // MARK: Step

    private func step() {
        var parts: [SequenceRows] = []
        /// Those whose logits the pass gives, in its order.
        var deciding: [RunningRequest] = []
        var prefillLeft = limits.prefillRows
        for request in running {
            let rows = request.rowsToRead == 1 ? 1 : min(request.rowsToRead, prefillLeft)
            guard rows > 0 else { continue }
            if request.rowsToRead > 1 { prefillLeft -= rows }
            let part = request.take(rows)
            if part.logitRows > 0 { deciding.append(request) }
            parts.append(part)
        }
        ForwardPass.run(model, parts, scratch)
        decide(deciding)
    }

    private func decide(_ requests: [RunningRequest]) {
        let channels = model.configuration.channels
        guard !requests.isEmpty else { return }
        var choices = [Int32](repeating: -1, count: requests.count * channels)
        choices.withUnsafeMutableBufferPointer { choices in
            // Every task writes its own element.
            nonisolated(unsafe) let choices = choices
            let scores = requests.count * (0..<channels).reduce(0) { $0 + model.configuration.vocabulary(of: $1) }
            // A score is looked at several times over.
            model.device.run(tasks: choices.count, products: 16 * scores) { task in
                let (index, channel) = task.quotientAndRemainder(dividingBy: channels)
                let request = requests[index]
                let chosen = request.processors[channel].choose(
                    scratch.logits(channel: channel, row: index), blocked: request.state.blocked(channel),
                    history: request.state.history(channel)
                ) {
                    Philox.uniform(
                        seed: request.submission.request.seed, step: request.state.step, channel: channel)
                }
                choices[task] = chosen ?? -1
            }
        }
        for (index, request) in requests.enumerated() {
            follow(request, Array(choices[index * channels..<(index + 1) * channels]))
        }
    }

    /// - Parameter chosen: One id per channel; negative where the scores held no number.
    private func follow(_ request: RunningRequest, _ chosen: [Int32]) {
        let submission = request.submission
        if let broken = chosen.firstIndex(where: { $0 < 0 }) {
            let error = LanguageModelError.noNumbers(step: request.state.step, channel: broken)
            return end(error) { $0 == submission.ticket }
        }
        let accepted = request.accept(chosen)
        if let frame = accepted.frame {
            tell(submission, .frames(CodeMatrix(codebooks: frame.count, codes: frame)))
        }
        if let finish = accepted.finish {
            running.removeAll { $0 === request }
            tell(submission, .finished(finish, request.statistics))
        }
    }
}
