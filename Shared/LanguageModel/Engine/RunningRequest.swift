internal import Compute
internal import Tokens

/// A request that has a slot.
final class RunningRequest {
    let submission: Submission
    let cache: KeyValueCache
    let processors: [ChannelProcessors]
    /// Pages that the request may come to need; kept free for it.
    let pagesReserved: Int
    var state: GenerationState
    var statistics = GenerationStatistics()

    /// Rows that the cache lacks, next first: the prompt's, those of resumed frames, then one generated row at a time.
    private var unread: TokenGrid
    private var readRows = 0
    private let started: ContinuousClock.Instant
    private var firstRow: ContinuousClock.Instant?

    init(_ submission: Submission, model: LanguageModel, stock: KeyValuePages, pagesReserved: Int) {
        self.submission = submission
        self.pagesReserved = pagesReserved
        let request = submission.request
        cache = KeyValueCache(stock)
        processors = request.sampling.map { ChannelProcessors($0) }
        state = GenerationState(request, model.configuration)
        unread = request.prompt.rows(request.paddingRows..<request.baseRows)
        for row in 0..<state.rows.rows { unread.append(row: state.rows.row(row)) }
        statistics.promptRows = unread.rows
        started = .now
        statistics.waitingSeconds = (started - submission.submitted).seconds
    }

    var rowsToRead: Int { unread.rows - readRows }

    /// The next `count` rows as a part of a pass, with logits behind the last one there is.
    func take(_ count: Int) -> SequenceRows {
        let isReserved = cache.reserve(count)
        precondition(isReserved, "pages were promised and are not there")
        defer { readRows += count }
        return SequenceRows(
            cache: cache, grid: unread, rows: readRows..<readRows + count, logitRows: count == rowsToRead ? 1 : 0)
    }

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
        unread = TokenGrid(channels: unread.channels, ids: accepted.row)
        readRows = 0
        return accepted
    }
}

extension Duration {
    fileprivate var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
