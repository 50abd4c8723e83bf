import Checkpoint
import Compute
import Foundation
import LanguageModel
import Synchronization
import TestSupport
import Testing
import Tokens

/// Models of golden cases, each loaded once.
enum TestModels {
    private struct Key: Hashable {
        let path: String
        let keyValues: KeyValuePrecision
    }

    private static let loaded = Mutex<[Key: LanguageModel]>([:])

    static let threads = 2

    static func model(_ golden: GoldenCase, keyValues: KeyValuePrecision = .f32) throws -> LanguageModel {
        let path = try #require(golden.facts["model"].string, "\(golden.name) names no model")
        return try model(folder: golden.resolve(path), keyValues: keyValues)
    }

    static func model(folder: URL, keyValues: KeyValuePrecision = .f32) throws -> LanguageModel {
        let key = Key(path: folder.standardizedFileURL.path, keyValues: keyValues)
        return try loaded.withLock { loaded in
            if let model = loaded[key] { return model }
            let model = try load(
                folder: folder, device: CPUDevice(pool: WorkerPool(threads: threads)), keyValues: keyValues)
            loaded[key] = model
            return model
        }
    }

    static func load(
        folder: URL, device: CPUDevice, precision: WeightPrecision = .stored, keyValues: KeyValuePrecision = .f32,
        headMode: HeadMode = .exact
    ) throws -> LanguageModel {
        let single = folder.appending(path: "model.safetensors")
        let source: any TensorSource =
            FileManager.default.fileExists(atPath: single.path)
            ? try SafetensorsFile(single)
            : try ShardedSafetensors(index: folder.appending(path: "model.safetensors.index.json"))
        return try LanguageModel(
            TensorAliases.languageModel(source),
            configuration: LanguageModelConfiguration(file: folder.appending(path: "config.json")), device: device,
            precision: precision, keyValues: keyValues, headMode: headMode)
    }
}

/// All logits of a sequence, taken in pieces.
struct Forwarding {
    /// Per channel, `[rows, vocabulary]`.
    private(set) var logits: [[Float]]
    /// Per stage, `[rows, hidden]`.
    private(set) var hidden: [[Float]] = []

    init(_ model: LanguageModel, _ grid: TokenGrid, cuts: [Int]) {
        let stock = KeyValuePages(layout: model.cacheLayout, capacity: model.cacheLayout.pages(forRows: grid.rows))
        let cache = KeyValueCache(stock)
        let scratch = ForwardScratch(model, rowsMax: grid.rows, logitRowsMax: grid.rows)
        logits = Array(repeating: [], count: model.configuration.channels)
        var hidden: [[Float]] = Array(repeating: [], count: model.configuration.layers + 1)
        var start = 0
        for cut in cuts {
            #expect(cache.reserve(cut))
            ForwardPass.run(
                model, [SequenceRows(cache: cache, grid: grid, rows: start..<start + cut, logitRows: cut)], scratch
            ) { stage, values in hidden[stage].append(contentsOf: values) }
            for channel in logits.indices {
                for row in 0..<cut { logits[channel].append(contentsOf: scratch.logits(channel: channel, row: row)) }
            }
            start += cut
        }
        self.hidden = hidden
    }
}
