import Checkpoint
import Compute
import LanguageModel
import TestSupport
import Testing
import Tokens

/// A row's bits depend on its own sequence alone.
@Suite struct ForwardPassTests {
    private let configuration: LanguageModelConfiguration
    private let grids: [TokenGrid]
    /// Per sequence, per channel: logits of all rows, taken alone, in one piece, on one thread.
    private let expected: [[[Float]]]

    init() throws {
        configuration = try SmallModels.configuration()
        let model = try SmallModels.model(threads: 1)
        let configuration = configuration
        // Around the edges of a page of keys and of the tiles of the kernels.
        grids = [1, 2, 63, 64, 65, 130].map { SmallModels.prompt($0, configuration, seed: UInt64($0)) }
        expected = grids.map { Forwarding(model, $0, cuts: [$0.rows]).logits }
    }

    @Test(arguments: [1, 2, 3]) func rowsKeepTheirBitsBesideOthers(threads: Int) throws {
        let model = try SmallModels.model(threads: threads)
        #expect(logits(model, piece: 11) == expected)
    }

    @Test(arguments: InstructionSet.allCases.filter { Kernels($0) != nil })
    func rowsKeepTheirBitsOnEveryInstructionSet(version: InstructionSet) throws {
        let kernels = try #require(Kernels(version))
        let model = try LanguageModel(
            RandomTensors(configuration, seed: 1), configuration: configuration,
            device: CPUDevice(pool: WorkerPool(threads: 2), kernels: kernels))
        #expect(logits(model, piece: 40) == expected)
    }

    /// All sequences side by side, each `piece` rows a pass as long as it has some.
    private func logits(_ model: LanguageModel, piece: Int) -> [[[Float]]] {
        let pages = grids.reduce(0) { $0 + model.cacheLayout.pages(forRows: $1.rows) }
        let stock = KeyValuePages(layout: model.cacheLayout, capacity: pages)
        let caches = grids.map { _ in KeyValueCache(stock) }
        let rowsMax = piece * grids.count
        let scratch = ForwardScratch(model, rowsMax: rowsMax, logitRowsMax: rowsMax)
        var logits = grids.map { _ in [[Float]](repeating: [], count: configuration.channels) }
        for start in stride(from: 0, to: grids.map(\.rows).max() ?? 0, by: piece) {
            let parts = grids.indices.compactMap { index -> (index: Int, rows: SequenceRows, count: Int)? in
                guard start < grids[index].rows else { return nil }
                let rows = start..<min(start + piece, grids[index].rows)
                #expect(caches[index].reserve(rows.count))
                let part = SequenceRows(cache: caches[index], grid: grids[index], rows: rows, logitRows: rows.count)
                return (index, part, rows.count)
            }
            ForwardPass.run(model, parts.map(\.rows), scratch)
            var row = 0
            for part in parts {
                for channel in 0..<configuration.channels {
                    for step in 0..<part.count {
                        logits[part.index][channel] += scratch.logits(channel: channel, row: row + step)
                    }
                }
                row += part.count
            }
        }
        return logits
    }
}
