import Checkpoint
import Compute
import Dispatch
import LanguageModel
import Synchronization
import Testing
import Tokens

/// Generation without the engine: the pass, the processors and the state, one row after another.
enum Generating {
    /// The generated rows, flush and all.
    static func rows(_ model: LanguageModel, _ request: GenerationRequest) throws -> TokenGrid {
        let channels = model.configuration.channels
        let base = request.prompt.rows - channels + 1
        let stock = KeyValuePages(
            layout: model.cacheLayout,
            capacity: model.cacheLayout.pages(forRows: request.prompt.rows + request.maxNewTokens + 2 * channels))
        let cache = KeyValueCache(stock)
        let scratch = ForwardScratch(model, rowsMax: base, logitRowsMax: 1)
        let processors = request.sampling.map { ChannelProcessors($0) }
        var state = GenerationState(request, model.configuration)
        var unread = request.prompt.rows(request.paddingRows..<base)
        while true {
            try #require(cache.reserve(unread.rows))
            ForwardPass.run(
                model, [SequenceRows(cache: cache, grid: unread, rows: 0..<unread.rows, logitRows: 1)], scratch)
            let chosen = try (0..<channels).map { channel in
                try #require(
                    processors[channel].choose(
                        scratch.logits(channel: channel, row: 0), blocked: state.blocked(channel),
                        history: state.history(channel)
                    ) { Philox.uniform(seed: request.seed, step: state.step, channel: channel) })
            }
            let accepted = state.accept(chosen)
            if accepted.finish != nil { return state.rows }
            unread = TokenGrid(channels: channels, ids: accepted.row)
        }
    }
}

/// What an engine told of a request.
struct GenerationResult: Equatable {
    var frames: CodeMatrix
    var reason: FinishReason
    var statistics: GenerationStatistics
}

/// The events of one request, as an asynchronous stream.
struct GenerationStream {
    let ticket: GenerationTicket
    let events: AsyncStream<GenerationEvent>
    let channels: Int

    /// Waits for the end; throws what the request failed with.
    func result() async throws -> GenerationResult {
        var frames = CodeMatrix(codebooks: channels)
        for await event in events {
            switch event {
            case .frames(let more): frames.append(contentsOf: more)
            case .finished(let reason, let statistics):
                return GenerationResult(frames: frames, reason: reason, statistics: statistics)
            case .failed(let error): throw error
            }
        }
        throw LanguageModelError.stopped
    }
}

extension GenerationEngine {
    func stream(_ request: GenerationRequest) throws -> GenerationStream {
        let (events, continuation) = AsyncStream<GenerationEvent>.makeStream()
        let ticket = try submit(request) { event in
            continuation.yield(event)
            switch event {
            case .frames: break
            case .finished, .failed: continuation.finish()
            }
        }
        return GenerationStream(ticket: ticket, events: events, channels: model.configuration.channels)
    }
}

/// The events of two requests in the order in which the engine told them.
struct EventLog {
    struct Entry: Sendable {
        let request: Int
        let isEnd: Bool
    }

    /// - Parameter second: Submitted when `first` has its first frame, before the engine goes on.
    static func of(
        _ engine: GenerationEngine, _ first: GenerationRequest, joinedBy second: GenerationRequest
    ) async throws -> [Entry] {
        let (entries, continuation) = AsyncStream<Entry>.makeStream()
        let isJoined = DispatchSemaphore(value: 0)
        let isWaited = Atomic(false)
        @Sendable func tell(_ request: Int, _ event: GenerationEvent) {
            guard case .frames = event else {
                continuation.yield(Entry(request: request, isEnd: true))
                return
            }
            continuation.yield(Entry(request: request, isEnd: false))
            if !isWaited.exchange(true, ordering: .relaxed) { isJoined.wait() }
        }
        _ = try engine.submit(first) { tell(0, $0) }
        var log: [Entry] = []
        for await entry in entries {
            if log.isEmpty {
                _ = try engine.submit(second) { tell(1, $0) }
                isJoined.signal()
            }
            log.append(entry)
            if log.count(where: \.isEnd) == 2 { break }
        }
        return log
    }
}
