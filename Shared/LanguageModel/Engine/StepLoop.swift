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
    private var schedule: StepSchedule
    /// Rows that each running request has to read, and reads in the step.
    private var unread: [Int] = []
    private var rows: [Int] = []
    /// Of the pass, and those whose logits it gives, in its order.
    private var parts: [SequenceRows] = []
    private var deciding: [RunningRequest] = []
    private let sampler: Sampler

    /// - Parameter pages: Of keys and values, for all requests together.
    init(model: LanguageModel, limits: EngineLimits, pages: Int, mailbox: EngineMailbox) {
        self.model = model
        self.limits = limits
        self.mailbox = mailbox
        stock = KeyValuePages(layout: model.cacheLayout, capacity: pages)
        scratch = ForwardScratch(model, rowsMax: limits.stepRowsMax, logitRowsMax: limits.slots)
        schedule = StepSchedule(promptRows: limits.prefillRows, aloneRows: limits.prefillRowsAlone)
        sampler = Sampler(model, rowsMax: limits.slots)
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
    ///
    /// A request comes in when the pages that it may need fit beside those that are held and those that the others may
    /// still need. Pages of its prompt that were kept count only where nobody holds them yet.
    private func fillSlots() {
        while running.count < limits.slots, let next = waiting.first {
            let pages = model.cacheLayout.pages(forRows: next.request.cacheRowsMax)
            let promised = stock.used + running.reduce(0) { $0 + $1.pagesToCome }
            guard promised + pages - pagesSpared(next.request) <= stock.capacity else { return }
            waiting.removeFirst()
            running.append(
                RunningRequest(next, model: model, stock: stock, pagesMax: pages, beside: running))
        }
    }

    /// Pages that a request shares with those that run.
    private func pagesSpared(_ request: GenerationRequest) -> Int {
        let prompt = request.prompt.rows(request.paddingRows..<request.baseRows)
        let kept = stock.prompts.matched(
            prompt.ids, idsPerPage: PromptReading.idsPerPage(prompt), most: PromptReading.adoptablePages(prompt))
        return kept.pages - kept.idle
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
        unread.removeAll(keepingCapacity: true)
        rows.removeAll(keepingCapacity: true)
        for request in running {
            unread.append(request.rowsToRead)
            rows.append(0)
        }
        schedule.plan(unread: unread, into: &rows)
        for (request, count) in zip(running, rows) where count > 0 {
            let part = request.take(count)
            if part.logitRows > 0 { deciding.append(request) }
            parts.append(part)
        }
        ForwardPass.run(model, parts, scratch)
        // So that nobody but a request has its rows when they change.
        parts.removeAll(keepingCapacity: true)
        for request in running { request.keepPages() }
        sampler.choose(for: deciding, from: scratch)
        for (index, request) in deciding.enumerated() { follow(request, sampler.choices(of: index)) }
        deciding.removeAll(keepingCapacity: true)
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
