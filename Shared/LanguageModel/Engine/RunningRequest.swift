internal import Compute
internal import Tokens

/// A request that has a slot.
final class RunningRequest {
    let submission: Submission
    let processors: [ChannelProcessors]
    var state: GenerationState
    var statistics = GenerationStatistics()

    private let cache: KeyValueCache
    /// Pages that the request may come to have.
    private let pagesMax: Int
    private let prompt: PromptReading
    /// The row that was made last and is read next; nil while the prompt is read.
    private var made: TokenGrid?
    private let started: ContinuousClock.Instant
    private var firstRow: ContinuousClock.Instant?

    /// - Parameter others: Those that run already.
    init(
        _ submission: Submission, model: LanguageModel, stock: KeyValuePages, pagesMax: Int,
        beside others: [RunningRequest]
    ) {
        self.submission = submission
        self.pagesMax = pagesMax
        let request = submission.request
        cache = KeyValueCache(stock)
        processors = request.sampling.map { ChannelProcessors($0) }
        state = GenerationState(request, model.configuration)
        prompt = PromptReading(
            request.promptRows(with: state.rows), cache: cache, stock: stock, beside: others.map(\.prompt))
        statistics.promptRows = prompt.grid.rows
        started = .now
        statistics.waitingSeconds = (started - submission.submitted).seconds
    }

    /// Pages that it may still come to need.
    var pagesToCome: Int { pagesMax - cache.pageCount }

    /// Rows to read in the step that comes, at most; 0 while another request reads a page that both prompts have.
    var rowsToRead: Int {
        if made != nil { return 1 }
        prompt.adopt()
        statistics.sharedRows = prompt.rowsAdopted
        return prompt.isWaiting ? 0 : prompt.grid.rows - cache.rows
    }

    /// The next `count` rows as a part of a pass, with logits behind the last one there is.
    func take(_ count: Int) -> SequenceRows {
        let isReserved = cache.reserve(count)
        precondition(isReserved, "pages were promised and are not there")
        if let made { return SequenceRows(cache: cache, grid: made, rows: 0..<1, logitRows: 1) }
        let rows = cache.rows..<cache.rows + count
        return SequenceRows(
            cache: cache, grid: prompt.grid, rows: rows, logitRows: rows.upperBound == prompt.grid.rows ? 1 : 0)
    }

    /// After a pass.
    func keepPages() { if made == nil { prompt.keepPages() } }

    /// Takes the chosen ids of a step and makes their row the next to be read.
    func accept(_ chosen: [Int32]) -> GenerationState.Accepted {
        let now = ContinuousClock.now
        if firstRow == nil {
            firstRow = now
            statistics.prefillSeconds = (now - started).seconds
        }
        statistics.decodeSeconds = (now - (firstRow ?? now)).seconds
        statistics.generatedRows += 1
        let accepted = state.accept(chosen)
        if accepted.frame != nil { statistics.frames += 1 }
        made = TokenGrid(channels: prompt.grid.channels, ids: accepted.row)
        return accepted
    }
}

extension GenerationRequest {
    /// The rows to read before the first one is made: the prompt's without its padding and its tail, and `resumed`.
    func promptRows(with resumed: TokenGrid) -> TokenGrid {
        var rows = prompt.rows(paddingRows..<baseRows)
        for row in 0..<resumed.rows { rows.append(row: resumed.row(row)) }
        return rows
    }
}

extension Duration {
    fileprivate var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
