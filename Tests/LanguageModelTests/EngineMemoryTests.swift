import Checkpoint
import Compute
import LanguageModel
import TestSupport
import Testing

/// The formula of Docs/Operations.md.
@Suite struct EngineMemoryTests {
    private func limits(megabytes: Int?) -> EngineLimits {
        var limits = EngineLimits()
        limits.memoryBytesMax = megabytes.map { $0 << 20 }
        return limits
    }

    @Test(arguments: KeyValuePrecision.allCases, [0, 3, 511])
    func allPartsTogetherStayBelowTheLimit(keyValues: KeyValuePrecision, extra: Int) throws {
        let model = try SmallModels.model(keyValues: keyValues)
        let limits = limits(megabytes: 68 + extra)
        let engine = try GenerationEngine(model: model, limits: limits)
        let limit = try #require(limits.memoryBytesMax)
        #expect(engine.memory.total <= limit)
        // What is left is less than a page.
        #expect(engine.memory.total + model.cacheLayout.pageBytes > limit)
        #expect(engine.memory.weights == model.weightBytes)
        engine.shutDown()
    }

    @Test func buffersAreThoseOfTheLargestStep() throws {
        let model = try SmallModels.model()
        for (rows, logits) in [(1, 1), (68, 4), (20, 3)] {
            let scratch = ForwardScratch(model, rowsMax: rows, logitRowsMax: logits)
            #expect(ForwardScratch.bytes(model, rowsMax: rows, logitRowsMax: logits) == scratch.floatBytes)
        }
        let vocabularies = model.configuration.vocabularySize + 3 * model.configuration.speechVocabularySize
        // A step of prompts alone is four times as long as of those beside streams.
        for (slots, rows) in [(7, 120), (100, 130)] {
            var limits = EngineLimits()
            limits.slots = slots
            limits.prefillRows = 30
            let engine = try GenerationEngine(model: model, limits: limits)
            #expect(
                engine.memory.buffers == ForwardScratch.bytes(model, rowsMax: rows, logitRowsMax: slots)
                    + slots * 12 * vocabularies)
            engine.shutDown()
        }
    }

    @Test func withoutALimitTheCacheIsWhatItIsToldToBe() throws {
        let engine = try GenerationEngine(model: SmallModels.model(), limits: limits(megabytes: nil))
        let page = engine.model.cacheLayout.pageBytes
        #expect(engine.memory.keysAndValues == engine.limits.cacheBytesMax / page * page)
        engine.shutDown()
    }

    @Test func aLimitBelowTheWeightsIsRefusedWithWhatIsNeeded() throws {
        let model = try SmallModels.model()
        #expect {
            try GenerationEngine(model: model, limits: limits(megabytes: 64))
        } throws: { error in
            guard case .memoryTooSmall(let limit, let weights, let buffers, let least) = error as? LanguageModelError
            else { return false }
            let isEnough = try GenerationEngine(
                model: model, limits: self.limits(megabytes: ((weights + buffers + least) >> 20) + 1))
            isEnough.shutDown()
            return limit == 64 << 20 && weights == model.weightBytes && "\(error)".contains("allow ")
        }
    }

    /// Requests are admitted by the memory that the limit leaves.
    @Test func aRequestBeyondTheLimitIsRefused() throws {
        let model = try SmallModels.model()
        let engine = try GenerationEngine(model: model, limits: limits(megabytes: 67))
        let rows = engine.newTokensMax(promptRows: 23)
        let configuration = try SmallModels.configuration()
        if rows + 100 < configuration.positionsMax {
            #expect(throws: LanguageModelError.self) {
                try engine.stream(SmallModels.request(configuration, rows: 20, frames: rows + 100))
            }
        }
        engine.shutDown()
    }
}
