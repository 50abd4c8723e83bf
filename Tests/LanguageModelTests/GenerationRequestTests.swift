import Checkpoint
import LanguageModel
import TestSupport
import Testing
import Tokens

/// What callers send is checked at one door; behind it ids index tables and rows fill buffers.
@Suite struct GenerationRequestTests {
    private let engine: GenerationEngine
    private let good: GenerationRequest

    init() throws {
        var limits = EngineLimits()
        limits.rowsMax = 200
        engine = try GenerationEngine(model: SmallModels.model(), limits: limits)
        good = SmallModels.request(engine.model.configuration)
    }

    @Test func takesAGoodRequest() async throws {
        #expect(try await engine.stream(good).result().frames.frames == good.maxNewTokens)
    }

    @Test func refusesIDsOutsideTheVocabulary() throws {
        let model = engine.model.configuration
        let row = good.prompt.rows - 1
        for (channel, size) in [(0, model.vocabularySize), (1, model.speechVocabularySize)] {
            for id in [-1, Int32(size), .max, .min] {
                var request = good
                request.prompt[row, channel] = id
                #expect(
                    throws: LanguageModelError.idOutOfVocabulary(row: row, channel: channel, id: Int(id), size: size)
                ) { try engine.stream(request) }
            }
            var request = good
            request.prompt[row, channel] = Int32(size - 1)
            engine.cancel(try engine.stream(request).ticket)
        }
    }

    @Test func refusesAnotherNumberOfChannels() {
        var request = good
        request.prompt = TokenGrid(channels: 3, ids: Array(repeating: 0, count: 60))
        #expect(throws: LanguageModelError.wrongChannels(given: 3, expected: 4)) { try engine.stream(request) }
    }

    @Test func refusesAPromptThatIsAllTail() throws {
        var request = good
        request.prompt = good.prompt.rows(0..<3)
        #expect(throws: LanguageModelError.promptTooShort(rows: 3, minimum: 4)) { try engine.stream(request) }
        request.prompt = good.prompt.rows(0..<4)
        engine.cancel(try engine.stream(request).ticket)
        request.paddingRows = 1
        #expect(throws: LanguageModelError.promptTooShort(rows: 3, minimum: 4)) { try engine.stream(request) }
        request.paddingRows = -1
        #expect(throws: LanguageModelError.self) { try engine.stream(request) }
    }

    @Test(arguments: [Int.max, .max / 2, 1 << 32, 175]) func refusesWhatIsTooLong(frames: Int) {
        var request = good
        request.maxNewTokens = frames
        #expect {
            try engine.stream(request)
        } throws: {
            if case .tooLong = $0 as? LanguageModelError { true } else { false }
        }
    }

    /// The most that the engine says it takes it takes, and not one more.
    @Test(arguments: [1, 2]) func saysHowMuchItTakes(pages: Int) throws {
        var limits = EngineLimits()
        limits.rowsMax = 100
        limits.cacheBytesMax = pages * 64 * engine.model.cacheBytesPerRow
        let engine = try GenerationEngine(model: engine.model, limits: limits)
        var request = good
        request.maxNewTokens = engine.newTokensMax(promptRows: good.prompt.rows)
        engine.cancel(try engine.stream(request).ticket)
        request.maxNewTokens += 1
        #expect(throws: LanguageModelError.self) { try engine.stream(request) }
    }

    @Test func refusesFieldsOutOfRange() {
        let changes: [(String, (inout GenerationRequest) -> Void)] = [
            ("no new tokens", { $0.maxNewTokens = 0 }),
            ("a channel without sampling", { $0.sampling.removeLast() }),
            ("temperature 0", { $0.sampling[1].temperature = 0 }),
            ("temperature NaN", { $0.sampling[1].temperature = .nan }),
            ("penalty -1", { $0.sampling[0].repetitionPenalty = -1 }),
            ("penalty infinite", { $0.sampling[0].repetitionPenalty = .infinity }),
            ("topK 0", { $0.sampling[0].topK = 0 }),
            ("topP 1.5", { $0.sampling[3].topP = 1.5 }),
            ("topP NaN", { $0.sampling[3].topP = .nan }),
            ("end of speech outside", { $0.rules.endOfSpeech = 300 }),
            ("filler negative", { $0.rules.filler = -1 }),
            ("speech tokens outside", { $0.rules.speechTokens = 290..<301 }),
            ("no speech tokens", { $0.rules.speechTokens = 10..<10 }),
            ("frames of other width", { $0.resumeFrames = CodeMatrix(codebooks: 3, codes: [1, 2, 3]) }),
            ("a code outside", { $0.resumeFrames = CodeMatrix(codebooks: 4, codes: [1, 2, 41, 3]) }),
            ("a first code outside", { $0.resumeFrames = CodeMatrix(codebooks: 4, codes: [40, 2, 3, 3]) }),
            (
                "more frames than allowed",
                { $0.resumeFrames = CodeMatrix(codebooks: 4, codes: Array(repeating: 0, count: 4 * 13)) }
            ),
        ]
        for (name, change) in changes {
            var request = good
            change(&request)
            #expect(throws: LanguageModelError.self, "\(name)") { try engine.stream(request) }
        }
    }

    @Test func refusesLimitsOutOfRange() throws {
        for change: (inout EngineLimits) -> Void in [
            { $0.slots = 0 }, { $0.slots = 257 }, { $0.waitingMax = -1 }, { $0.cacheBytesMax = 0 },
            { $0.prefillRows = 0 }, { $0.rowsMax = 0 },
        ] {
            var limits = EngineLimits()
            change(&limits)
            #expect(throws: LanguageModelError.self) { try GenerationEngine(model: engine.model, limits: limits) }
        }
    }
}
