import Checkpoint
import Compute
import LanguageModel
import TestSupport
import Testing
import Tokens

/// Requests whose prompts begin alike share pages of keys and values, and nobody notices but in time and memory.
@Suite struct SharedPromptTests {
    private let configuration: LanguageModelConfiguration
    init() throws { configuration = try SmallModels.configuration() }

    /// `count` requests whose prompts are equal for `common` rows and then go on in their own ways.
    private func requests(_ count: Int, common: Int, own: Int = 30, frames: Int = 12) -> [GenerationRequest] {
        let start = SmallModels.rows(common, configuration, seed: 1)
        return (0..<count).map { number in
            var rows = start
            let rest = SmallModels.rows(own + 5 * number, configuration, seed: UInt64(100 + number))
            for row in 0..<rest.rows { rows.append(row: rest.row(row)) }
            var request = SmallModels.request(configuration, seed: UInt64(number), frames: frames)
            request.prompt = SmallModels.shifted(rows, configuration)
            return request
        }
    }

    @Test(arguments: KeyValuePrecision.allCases, [1, 7, 64])
    func framesAreTheSameWithAndWithoutSharing(keyValues: KeyValuePrecision, prefillRows: Int) async throws {
        let requests = requests(5, common: 150)
        var limits = EngineLimits()
        limits.prefillRows = prefillRows
        let model = try SmallModels.model(keyValues: keyValues)
        var alone: [CodeMatrix] = []
        for request in requests {
            let engine = try GenerationEngine(model: model, limits: limits)
            let result = try await engine.stream(request).result()
            #expect(result.statistics.sharedRows == 0)
            alone.append(result.frames)
            engine.shutDown()
        }
        let engine = try GenerationEngine(model: model, limits: limits)
        let streams = try requests.map(engine.stream)
        var shared: [Int] = []
        for (stream, expected) in zip(streams, alone) {
            let result = try await stream.result()
            #expect(result.frames == expected)
            shared.append(result.statistics.sharedRows)
        }
        // 150 common rows fill two pages; whoever came first read them for all.
        #expect(shared == [0, 128, 128, 128, 128])
        engine.shutDown()
    }

    /// The same prompt again: all but its last, open page is there.
    @Test func aPromptThatWasReadIsNotReadAgain() async throws {
        let engine = try GenerationEngine(model: SmallModels.model())
        for length in [63, 64, 65, 128, 200] {
            var request = SmallModels.request(configuration, rows: length, seed: UInt64(length))
            let first = try await engine.stream(request).result()
            #expect(first.statistics.sharedRows == 0)
            request.seed += 1
            let second = try await engine.stream(request).result()
            #expect(second.statistics.sharedRows == (length - 1) / 64 * 64, "\(length) rows")
            request.seed -= 1
            let third = try await engine.stream(request).result()
            #expect(third.frames == first.frames)
        }
        engine.shutDown()
    }

    /// Kept pages make way: whatever is kept, a request that fits alone is admitted.
    @Test func keptPagesMakeWayForOthers() async throws {
        let model = try SmallModels.model()
        var limits = EngineLimits()
        limits.cacheBytesMax = 6 * 64 * model.cacheBytesPerRow
        let engine = try GenerationEngine(model: model, limits: limits)
        var random = SeededRandom(seed: 23)
        var streams: [GenerationStream] = []
        for number in 0..<24 {
            let rows = Int.random(in: 60...250, using: &random)
            let seed = UInt64.random(in: 0...2, using: &random)
            streams.append(
                try engine.stream(
                    SmallModels.request(configuration, rows: rows, seed: seed, frames: 1 + number % 9)))
        }
        for (number, stream) in streams.enumerated() {
            #expect(try await stream.result().frames.frames == 1 + number % 9)
        }
        engine.shutDown()
    }

    /// Two requests that would not fit side by side do, because they share most of their pages.
    @Test func sharedPagesCountOnce() async throws {
        let model = try SmallModels.model()
        var limits = EngineLimits()
        limits.cacheBytesMax = 6 * 64 * model.cacheBytesPerRow
        let engine = try GenerationEngine(model: model, limits: limits)
        // Five pages each, four of which are common.
        let pair = requests(2, common: 256, own: 20, frames: 20)
        #expect(engine.cacheBytes(for: pair[0]) == 5 * 64 * model.cacheBytesPerRow)
        _ = try await engine.stream(pair[0]).result()
        let log = try await EventLog.of(engine, pair[0], joinedBy: pair[1])
        let firstEnd = try #require(log.firstIndex { $0.request == 0 && $0.isEnd })
        #expect(log[..<firstEnd].contains { $0.request == 1 })
        engine.shutDown()
    }

    /// A request that reads for others is cancelled: they go on by themselves.
    @Test func othersGoOnWhenTheReaderIsCancelled() async throws {
        var limits = EngineLimits()
        limits.prefillRows = 4
        let engine = try GenerationEngine(model: SmallModels.model(), limits: limits)
        let requests = requests(3, common: 200)
        let streams = try requests.map(engine.stream)
        engine.cancel(streams[0].ticket)
        await #expect(throws: LanguageModelError.cancelled) { try await streams[0].result() }
        for (stream, request) in zip(streams, requests).dropFirst() {
            let alone = try GenerationEngine(model: SmallModels.model())
            let expected = try await alone.stream(request).result()
            #expect(try await stream.result().frames == expected.frames)
            alone.shutDown()
        }
        engine.shutDown()
    }
}
