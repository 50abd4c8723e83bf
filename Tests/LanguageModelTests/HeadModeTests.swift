import Checkpoint
import Compute
import LanguageModel
import TestSupport
import Testing
import Tokens

/// Channel 0 scored for speech alone.
@Suite struct HeadModeTests {
    /// A trained model never looks at the other ids: its sampling keeps the best few, and they are speech.
    @Test(arguments: [WeightPrecision.stored, .int8, .int4], [UInt64(1), 2, 3])
    func aTrainedModelSaysTheSame(precision: WeightPrecision, seed: UInt64) throws {
        let subject = QuantisationSubject.demo
        let exact = try TestModels.load(folder: subject.folder, device: .forTests, precision: precision)
        let speech = try TestModels.load(
            folder: subject.folder, device: .forTests, precision: precision,
            headMode: .speechOnly(endOfSpeech: try DemoVoiceTraceTests.endOfSpeech()))
        for prompt in try subject.prompts(exact.configuration.channels) {
            let rows = try subject.continuation(of: prompt, exact, seed: seed)
            #expect(rows.rows > 10)
            #expect(try subject.continuation(of: prompt, speech, seed: seed) == rows)
        }
    }

    /// Scores of speech keep their bits; all others are out of reach, whatever the packing computes beside them.
    @Test(arguments: [WeightPrecision.stored, .int8, .int4], [250, 199, 3, 299])
    func onlySpeechAndItsEndHaveScores(precision: WeightPrecision, end: Int) throws {
        let configuration = try SmallModels.configuration()
        func model(_ mode: HeadMode) throws -> LanguageModel {
            try LanguageModel(
                RandomTensors(configuration, seed: 1), configuration: configuration,
                device: CPUDevice(pool: WorkerPool(threads: 2)), precision: precision, headMode: mode)
        }
        let grid = SmallModels.prompt(20, configuration)
        let exact = try Forwarding(model(.exact), grid, cuts: [grid.rows]).logits
        let speech = try Forwarding(model(.speechOnly(endOfSpeech: end)), grid, cuts: [grid.rows - 3, 3]).logits
        #expect(speech[1...] == exact[1...])
        for (index, (score, known)) in zip(speech[0], exact[0]).enumerated() {
            let id = index % configuration.vocabularySize
            let isMeant = configuration.speechTokenRange.contains(id) || id == end
            #expect(score == (isMeant ? known : -.infinity), "id \(id)")
        }
    }

    @Test func anEndOutsideTheVocabularyIsRefused() throws {
        let configuration = try SmallModels.configuration()
        for end in [-1, configuration.vocabularySize] {
            #expect(throws: LanguageModelError.self) {
                try LanguageModel(
                    RandomTensors(configuration, seed: 1), configuration: configuration,
                    device: CPUDevice(pool: WorkerPool(threads: 1)), headMode: .speechOnly(endOfSpeech: end))
            }
        }
    }
}
