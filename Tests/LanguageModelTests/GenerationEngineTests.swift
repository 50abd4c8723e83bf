import Checkpoint
import Compute
import Dispatch
import LanguageModel
import Synchronization
import TestSupport
import Testing
import Tokens

@Suite struct GenerationEngineTests {
    private let configuration: LanguageModelConfiguration
    init() throws { configuration = try SmallModels.configuration() }

    /// The promise that retries, takeovers and debugging stand on.
    @Test(arguments: [1, 2, 3]) func aRequestGivesTheSameFramesAloneAndAmongOthers(threads: Int) async throws {
        let requests = (0..<6).map { number in
            SmallModels.request(configuration, rows: 5 + 13 * number, seed: UInt64(number), frames: 6 + 5 * number)
        }
        let alone = try await framesAlone(of: requests)
        var limits = EngineLimits()
        limits.slots = 4
        limits.prefillRows = 7
        let engine = try GenerationEngine(model: SmallModels.model(threads: threads), limits: limits)
        let streams = try requests.map(engine.stream)
        for (stream, expected) in zip(streams, alone) {
            let result = try await stream.result()
            #expect(result.frames == expected)
        }
        engine.shutDown()
    }

    @Test func anotherSeedGivesOtherFrames() async throws {
        var other = SmallModels.request(configuration, frames: 30)
        let frames = try await framesAlone(of: [other])
        other.seed += 1
        #expect(try await framesAlone(of: [other]) != frames)
    }

    /// Another generator takes over from any frame on, and nobody hears it.
    @Test(arguments: [0, 1, 2, 3, 4, 11, 12]) func goesOnFromFramesThatAnotherMade(known: Int) async throws {
        let request = SmallModels.request(configuration, frames: 12)
        let whole = try #require(try await framesAlone(of: [request]).first)
        try #require(whole.frames == 12)
        var rest = request
        rest.resumeFrames = whole.frames(0..<known)
        let continued = try #require(try await framesAlone(of: [rest]).first)
        #expect(continued == whole.frames(known..<whole.frames))
    }

    @Test(arguments: [1, 2, 9]) func makesAsManyFramesAsAllowed(frames: Int) async throws {
        let engine = try GenerationEngine(model: SmallModels.model())
        let result = try await engine.stream(SmallModels.request(configuration, frames: frames)).result()
        #expect(result.reason == .length)
        #expect(result.frames.frames == frames)
        #expect(result.statistics.generatedRows == frames + configuration.channels - 1)
        engine.shutDown()
    }

    /// The engine is held at the first frame until the cancels are there: then at most two steps may follow.
    @Test func cancelsWhatRunsAndWhatWaits() async throws {
        var limits = EngineLimits()
        limits.slots = 1
        let engine = try GenerationEngine(model: SmallModels.model(), limits: limits)
        let (events, continuation) = AsyncStream<GenerationEvent>.makeStream()
        let cancelsAreThere = DispatchSemaphore(value: 0)
        let isFirst = Atomic(true)
        let running = try engine.submit(SmallModels.request(configuration, frames: 3000)) { event in
            continuation.yield(event)
            guard case .frames = event else { return continuation.finish() }
            if isFirst.exchange(false, ordering: .relaxed) { cancelsAreThere.wait() }
        }
        let waiting = try engine.stream(SmallModels.request(configuration, frames: 3000))
        let next = try engine.stream(SmallModels.request(configuration, frames: 2))

        var told: [GenerationEvent] = []
        for await event in events {
            if told.isEmpty {
                engine.cancel(running)
                engine.cancel(waiting.ticket)
                cancelsAreThere.signal()
            }
            told.append(event)
        }
        guard case .failed(.cancelled) = told.last else { throw LanguageModelError.stopped }
        #expect(told.count <= 1 + 2 + 1)
        await #expect(throws: LanguageModelError.cancelled) { try await waiting.result() }
        let result = try await next.result()
        #expect(result.frames.frames == 2)
        #expect(engine.load == 0)
        engine.cancel(running)
        engine.shutDown()
    }

    @Test func endsWhatRunsWhenShutDown() async throws {
        let engine = try GenerationEngine(model: SmallModels.model())
        let stream = try engine.stream(SmallModels.request(configuration, frames: 3000))
        engine.shutDown()
        await #expect(throws: LanguageModelError.stopped) { try await stream.result() }
        #expect(throws: LanguageModelError.stopped) { try engine.stream(SmallModels.request(configuration)) }
        engine.shutDown()
    }

    @Test func refusesMoreThanItsQueueHolds() async throws {
        var limits = EngineLimits()
        limits.slots = 1
        limits.waitingMax = 1
        let engine = try GenerationEngine(model: SmallModels.model(), limits: limits)
        let request = SmallModels.request(configuration, frames: 3000)
        let kept = [try engine.stream(request), try engine.stream(request)]
        #expect(throws: LanguageModelError.overloaded(waiting: 2)) { try engine.stream(request) }
        for stream in kept { engine.cancel(stream.ticket) }
        for stream in kept { await #expect(throws: LanguageModelError.cancelled) { try await stream.result() } }
        engine.shutDown()
    }

    /// Two requests whose keys and values don't fit together run one after the other.
    @Test func waitsForMemory() async throws {
        let request = SmallModels.request(configuration, rows: 100, frames: 20)
        let model = try SmallModels.model()
        var limits = EngineLimits()
        limits.cacheBytesMax = 3 * 64 * model.cacheBytesPerRow
        let engine = try GenerationEngine(model: model, limits: limits)
        #expect(engine.cacheBytes(for: request) == 2 * 64 * model.cacheBytesPerRow)
        let streams = try (0..<3).map { _ in try engine.stream(request) }
        let first = try await streams[0].result()
        for stream in streams.dropFirst() {
            let result = try await stream.result()
            #expect(result.frames == first.frames)
        }
        var large = request
        large.maxNewTokens = 200
        #expect(throws: LanguageModelError.self) { try engine.stream(large) }
        engine.shutDown()
    }

    /// However long a prompt is, the streams that run make a frame for every `prefillRows` rows of it.
    @Test func aLongPromptHoldsUpNoStream() async throws {
        var limits = EngineLimits()
        limits.prefillRows = 16
        let engine = try GenerationEngine(model: SmallModels.model(), limits: limits)
        let log = try await EventLog.of(
            engine, SmallModels.request(configuration, rows: 10, seed: 1, frames: 80),
            joinedBy: SmallModels.request(configuration, rows: 640, seed: 2, frames: 3))
        let firstOfLong = try #require(log.firstIndex { $0.request == 1 })
        #expect(log[..<firstOfLong].count { $0.request == 0 && !$0.isEnd } >= 640 / 16)
        engine.shutDown()
    }

    private func framesAlone(of requests: [GenerationRequest]) async throws -> [CodeMatrix] {
        var all: [CodeMatrix] = []
        for request in requests {
            let engine = try GenerationEngine(model: SmallModels.model(threads: 1))
            all.append(try await engine.stream(request).result().frames)
            engine.shutDown()
        }
        return all
    }
}
