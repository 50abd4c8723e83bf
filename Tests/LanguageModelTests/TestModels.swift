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
    private static let loaded = Mutex<[String: LanguageModel]>([:])

    static let threads = 2

    static func model(_ golden: GoldenCase) throws -> LanguageModel {
        let path = try #require(golden.facts["model"].string, "\(golden.name) names no model")
        return try model(folder: golden.resolve(path))
    }

    static func model(folder: URL) throws -> LanguageModel {
        try loaded.withLock { loaded in
            if let model = loaded[folder.path] { return model }
            let model = try load(folder: folder, device: CPUDevice(pool: WorkerPool(threads: threads)))
            loaded[folder.path] = model
            return model
        }
    }

    static func load(folder: URL, device: CPUDevice) throws -> LanguageModel {
        let single = folder.appending(path: "model.safetensors")
        let source: any TensorSource =
            FileManager.default.fileExists(atPath: single.path)
            ? try SafetensorsFile(single)
            : try ShardedSafetensors(index: folder.appending(path: "model.safetensors.index.json"))
        return try LanguageModel(
            TensorAliases.languageModel(source),
            configuration: LanguageModelConfiguration(file: folder.appending(path: "config.json")), device: device)
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

extension GoldenTensors {
    /// `[rows, channels]`.
    func grid(_ name: String) throws -> TokenGrid {
        let tensor = try require(name)
        return TokenGrid(channels: tensor.shape[1], ids: tensor.int32s)
    }

    /// `[items, rows, channels]`.
    func grids(_ name: String) throws -> [TokenGrid] {
        let tensor = try require(name)
        let (rows, channels) = (tensor.shape[1], tensor.shape[2])
        let all = TokenGrid(channels: channels, ids: tensor.int32s)
        return (0..<tensor.shape[0]).map { all.rows($0 * rows..<($0 + 1) * rows) }
    }

    /// `input_ids` with the number of masked rows at the head of each item.
    func paddedItems() throws -> [(grid: TokenGrid, pads: Int)] {
        let mask = try require("attention_mask").floats
        return try grids("input_ids").enumerated().map { number, grid in
            let row = mask[number * grid.rows..<(number + 1) * grid.rows]
            return (grid, row.prefix { $0 == 0 }.count)
        }
    }
}
