import Checkpoint
import LanguageModel
import Testing
import Tokens

/// Generation without the engine, which tells frames only: every row, one after another.
enum RowByRow {
    /// The generated rows, `[rows, channels]`, flush and all.
    static func rows(_ model: LanguageModel, _ request: GenerationRequest) throws -> TokenGrid {
        let channels = model.configuration.channels
        let base = request.prompt.rows - (channels - 1)
        let rowsMax = request.prompt.rows + request.maxNewTokens + 2 * channels
        let cache = KeyValueCache(
            KeyValuePages(layout: model.cacheLayout, capacity: model.cacheLayout.pages(forRows: rowsMax)))
        let scratch = ForwardScratch(model, rowsMax: base, logitRowsMax: 1)
        let processors = request.sampling.map { ChannelProcessors($0) }
        var state = GenerationState(request, model.configuration)
        var unread = request.prompt.rows(request.paddingRows..<base)
        while true {
            try #require(cache.reserve(unread.rows))
            ForwardPass.run(
                model, [SequenceRows(cache: cache, grid: unread, rows: 0..<unread.rows, logitRows: 1)], scratch)
            let chosen = try processors.indices.map { channel in
                let best = processors[channel].choose(
                    scratch.logits(channel: channel, row: 0), blocked: state.blocked(channel),
                    history: state.history(channel)
                ) { Philox.uniform(seed: request.seed, step: state.step, channel: channel) }
                return try #require(best)
            }
            let accepted = state.accept(chosen)
            if accepted.finish != nil { return state.rows }
            unread = TokenGrid(channels: channels, ids: accepted.row)
        }
    }
}

/// What an engine tells of one request.
struct FrameStream {
    let events: AsyncStream<GenerationEvent>

    /// The frames, piece by piece as they were told; throws what the request failed with.
    func pieces() async throws -> [CodeMatrix] {
        var pieces: [CodeMatrix] = []
        for await event in events {
            switch event {
            case .frames(let more): pieces.append(more)
            case .finished: return pieces
            case .failed(let error): throw error
            }
        }
        throw LanguageModelError.stopped
    }
}

extension GenerationEngine {
    func stream(_ request: GenerationRequest) throws -> FrameStream {
        let (events, hand) = AsyncStream<GenerationEvent>.makeStream()
        _ = try submit(request) { event in
            hand.yield(event)
            switch event {
            case .frames: break
            case .finished, .failed: hand.finish()
            }
        }
        return FrameStream(events: events)
    }
}
