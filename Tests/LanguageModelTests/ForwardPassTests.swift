import Checkpoint
import Compute
import LanguageModel
import TestSupport
import Testing
import Tokens

/// A row's bits depend on its own sequence alone: not on the rows beside it, the pieces in which it is read, the threads
/// or the instruction set.
@Suite struct ForwardPassTests {
    private let configuration: LanguageModelConfiguration
    private let grids: [TokenGrid]

    init() throws {
        configuration = try SmallModels.configuration()
        let configuration = configuration
        // Around the edges of a page of keys and of the tiles of the kernels.
        grids = [1, 2, 63, 64, 65, 130].map { SmallModels.prompt($0, configuration, seed: UInt64($0)) }
    }

    @Test(arguments: KeyValuePrecision.allCases, InstructionSet.allCases.filter { Kernels($0) != nil })
    func rowsKeepTheirBitsInAnyBatchAndAnyPieces(keyValues: KeyValuePrecision, version: InstructionSet) throws {
        let alone = try SmallModels.model(threads: 1, keyValues: keyValues)
        let expected = grids.map { Forwarding(alone, $0, cuts: [$0.rows]).logits }
        for seed: UInt64 in 1...4 {
            var random = SeededRandom(seed: seed)
            let model = try SmallModels.model(
                threads: 1 + Int(seed % 3), kernels: try #require(Kernels(version)), keyValues: keyValues)
            let actual = logits(model, piecesOf: [1, 7, 40, 130][Int(seed) - 1], &random)
            #expect(actual == expected, "seed \(seed)")
        }
    }

    @Test func keysAndValuesInBFloat16ChangeLittle() throws {
        let rows = grids.map(\.rows).max() ?? 0
        let logits = try KeyValuePrecision.allCases.map { keyValues in
            Forwarding(try SmallModels.model(keyValues: keyValues), try #require(grids.last), cuts: [rows]).logits
        }
        for (exact, rounded) in zip(logits[0], logits[1]) {
            let closeness = Closeness(rounded, exact)
            #expect(rounded != exact && closeness.within(absolute: 0, relative: 0.03), "\(closeness)")
        }
    }

    /// Per sequence, per channel, the logits of all rows: in every pass some of the sequences, in any order, each with
    /// 1 to `most` rows.
    private func logits(
        _ model: LanguageModel, piecesOf most: Int, _ random: inout SeededRandom
    ) -> [[[Float]]] {
        let pages = grids.reduce(0) { $0 + model.cacheLayout.pages(forRows: $1.rows) }
        let stock = KeyValuePages(layout: model.cacheLayout, capacity: pages)
        let caches = grids.map { _ in KeyValueCache(stock) }
        let scratch = ForwardScratch(model, rowsMax: most * grids.count, logitRowsMax: most * grids.count)
        var logits = grids.map { _ in [[Float]](repeating: [], count: configuration.channels) }
        while true {
            let unfinished = grids.indices.filter { caches[$0].rows < grids[$0].rows }
            guard !unfinished.isEmpty else { return logits }
            let chosen = unfinished.shuffled(using: &random).prefix(
                Int.random(in: 1...unfinished.count, using: &random))
            let parts = chosen.map { index in
                let start = caches[index].rows
                let count = min(Int.random(in: 1...most, using: &random), grids[index].rows - start)
                #expect(caches[index].reserve(count))
                return SequenceRows(
                    cache: caches[index], grid: grids[index], rows: start..<start + count, logitRows: count)
            }
            let counts = chosen.map { caches[$0].rows }
            ForwardPass.run(model, parts, scratch)
            var row = 0
            for (index, before) in zip(chosen, counts) {
                for _ in before..<caches[index].rows {
                    for channel in 0..<configuration.channels {
                        logits[index][channel] += scratch.logits(channel: channel, row: row)
                    }
                    row += 1
                }
            }
        }
    }
}
