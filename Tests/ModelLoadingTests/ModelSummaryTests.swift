import Checkpoint
import Compute
import DemoVoice
import Foundation
import LanguageModel
import ModelLoading
import ServiceKit
import TestSupport
import Testing

@Suite struct ModelSummaryTests {
    @Test func countsWhatTheEmbeddedModelHolds() throws {
        let summary = try ModelSummary(InstalledModel(model: nil))
        #expect(summary.languageModelWeights.parameters > 0)
        #expect(summary.codecWeights.parameters > 0)
        #expect(summary.languageModelWeights.storedBytes >= 2 * summary.languageModelWeights.parameters)
        #expect(try #require(summary.tokenizerSize) > 0)
        // Every channel is told once, in order.
        #expect(summary.sampling.flatMap { Array($0.channels) } == Array(0..<summary.languageModel.channels))
    }

    @Test func estimatesOneRowAfterTheOther() throws {
        let summary = try ModelSummary(InstalledModel(model: nil))
        let empty = summary.generatorBytes(rows: 0, precision: .stored)
        #expect(empty >= summary.languageModelWeights.storedBytes)
        #expect(summary.generatorBytes(rows: 10, precision: .stored) == empty + 10 * summary.cacheBytesPerRow)
        #expect(summary.rowsOfAMinute == Int((80 * summary.codec.frameRate).rounded(.up)))
    }
}

extension ModelSummaryTests {
    @Test func fewerBitsTakeLessMemory() throws {
        let summary = try ModelSummary(InstalledModel(model: nil))
        let bytes = [WeightPrecision.stored, .int8, .int4].map { summary.generatorBytes(rows: 0, precision: $0) }
        #expect(bytes[1] < bytes[0])
        #expect(bytes[2] < bytes[1])
    }

    /// Without running a model, `doctor` and `models show` tell what an engine counts with (Docs/Operations.md).
    @Test(arguments: WeightPrecision.allCases) func estimatesWhatAnEngineTakes(precision: WeightPrecision) throws {
        let installed = try InstalledModel(model: nil)
        let summary = try ModelSummary(installed)
        let tensors = try installed.directory.languageModel.tensors(summary.languageModel)
        let model = try LanguageModel(
            tensors, configuration: summary.languageModel, device: CPUDevice(pool: WorkerPool(threads: 1)),
            precision: precision, keyValues: KeyValuePrecision(beside: precision, storedAs: tensors.precision))
        let engine = try GenerationEngine(model: model)
        let estimate = Double(summary.generatorBytes(rows: 0, precision: precision))
        // The norms are the difference.
        #expect(abs(estimate - Double(engine.memory.weights)) < 0.01 * estimate)
        #expect(model.cacheBytesPerRow == summary.cacheBytesPerRow)
        engine.shutDown()
    }

    @Test func autoLeavesASmallModelAsItIsStoredAndPacksALargeOne() throws {
        #expect(WeightPrecision(.auto, storedBytes: 200 << 20) == .stored)
        #expect(WeightPrecision(.auto, storedBytes: (200 << 20) + 1) == .int8)
        for precision in WeightPrecision.allCases {
            let wanted = try #require(ServiceSettings.Precision(rawValue: precision.rawValue))
            #expect(WeightPrecision(wanted, storedBytes: 1) == precision)
            #expect(WeightPrecision(wanted, storedBytes: 1 << 40) == precision)
        }
    }
}

@Suite struct ModelPlacesTests {
    private func names(_ places: ModelPlaces) -> [String] {
        places.entries.map {
            switch $0 {
            case .model(let model): model.name
            case .unusable(let path, _): "unusable \(path)"
            }
        }
    }

    /// A link is as good as the folder itself; the rest of a collection is not our business.
    @Test func findsTheModelsOfACollectionAndPassesOverTheRest() throws {
        let scratch = try ScratchFolder()
        let demo = try DemoVoice().folder
        for name in ["b-model", "a-model"] {
            try FileManager.default.createSymbolicLink(
                at: scratch.url.appending(path: name), withDestinationURL: demo)
        }
        try FileManager.default.createDirectory(
            at: scratch.url.appending(path: "notes"), withIntermediateDirectories: false)
        try Data("x".utf8).write(to: scratch.url.appending(path: "file"))
        let places = ModelPlaces(configured: nil, codec: nil, collection: scratch.url)
        #expect(names(places) == ["colloquy-demo", "a-model", "b-model"])
    }

    @Test func listsTheConfiguredModelOnceAndFirst() throws {
        let scratch = try ScratchFolder()
        let model = scratch.url.appending(path: "mine")
        try FileManager.default.createSymbolicLink(at: model, withDestinationURL: DemoVoice().folder)
        let places = ModelPlaces(configured: model, codec: nil, collection: scratch.url)
        #expect(names(places) == ["colloquy-demo", "mine"])
    }

    /// Who named a place wants to know what is wrong with it.
    @Test func tellsWhatIsWrongWithTheConfiguredOne() throws {
        let scratch = try ScratchFolder()
        let nowhere = scratch.url.appending(path: "nowhere")
        let places = ModelPlaces(configured: nowhere, codec: nil, collection: scratch.url.appending(path: "none"))
        #expect(names(places) == ["colloquy-demo", "unusable \(nowhere.path)"])
    }
}
