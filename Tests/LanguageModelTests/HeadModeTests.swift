import Checkpoint
import Compute
import Foundation
import LanguageModel
import TestSupport
import Testing
import Tokens

/// Channel 0 scored for speech alone.
@Suite struct HeadModeTests {
    /// A trained model hardly gives other ids a chance where it speaks: what `speechOnly` takes away.
    @Test(arguments: [WeightPrecision.stored, .int8, .int4])
    func aTrainedModelHardlyMeansOtherIDs(precision: WeightPrecision) throws {
        let subject = QuantisationSubject.demo
        let end = try DemoVoiceTraceTests.endOfSpeech()
        let model = try TestModels.load(folder: subject.folder, device: .forTests, precision: precision)
        let vocabulary = model.configuration.vocabularySize
        let speech = model.configuration.speechTokenRange
        var likelihoods: [Double] = []
        for (rows, generated) in try subject.spoken(model, steps: 500) {
            let logits = Forwarding(model, rows, cuts: [rows.rows]).logits[0]
            // Behind the end of speech channel 0 is filled without being asked.
            for row in generated where speech.contains(Int(rows.row(row + 1).first ?? -1)) {
                let scores = logits[row * vocabulary..<(row + 1) * vocabulary]
                let highest = Double(scores.max() ?? 0)
                let weights = scores.map { exp(Double($0) - highest) }
                let others = weights.enumerated().filter { !speech.contains($0.offset) && $0.offset != end }
                likelihoods.append(others.reduce(0) { $0 + $1.element } / weights.reduce(0, +))
            }
        }
        let mean = likelihoods.reduce(0, +) / Double(likelihoods.count)
        #expect(likelihoods.count > 400)
        #expect(mean < 0.01, "at most \(likelihoods.max() ?? 0)")
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
