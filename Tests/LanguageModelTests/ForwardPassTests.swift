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

    /// Nobody reads what the last layer makes of the others.
    @Test(arguments: WeightPrecision.allCases)
    func rowsWhoseLogitsNobodyWantsChangeNone(precision: WeightPrecision) throws {
        let model = try SmallModels.model(precision: precision)
        let expected = grids.map { Forwarding(model, $0, cuts: [$0.rows]).logits }
        for seed: UInt64 in 1...6 {
            var random = SeededRandom(seed: seed)
            let actual = logits(model, piecesOf: [1, 7, 40, 130, 64, 16][Int(seed) - 1], &random, otherwise: expected)
            #expect(actual == expected, "seed \(seed)")
        }
    }

    /// Of 128 elements: a head's results are then quantised by whoever attends.
    @Test(arguments: WeightPrecision.allCases.filter(\.isPacked), [24, 128, 256])
    func packedWeightsStayCloseWithHeadsOfAnySize(precision: WeightPrecision, headSize: Int) throws {
        let grid = try #require(grids.last)
        func logits(_ precision: WeightPrecision, threads: Int) throws -> [[Float]] {
            let model = try SmallModels.model(threads: threads, precision: precision, headSize: headSize)
            return Forwarding(model, grid, cuts: [grid.rows]).logits
        }
        let exact = try logits(.stored, threads: 2)
        let packed = try logits(precision, threads: 2)
        for (packed, exact) in zip(packed, exact) {
            let closeness = Closeness(packed, exact)
            #expect(closeness.within(absolute: 0, relative: precision == .int8 ? 0.05 : 0.3), "\(closeness)")
        }
        #expect(packed == (try logits(precision, threads: 1)))
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
    ///
    /// - Parameter known: Of all rows; where there are any, only some logits are asked for, and the others taken from here.
    private func logits(
        _ model: LanguageModel, piecesOf most: Int, _ random: inout SeededRandom, otherwise known: [[[Float]]]? = nil
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
                let wanted = known == nil ? count : Int.random(in: 0...min(count, 2), using: &random)
                return (
                    wanted,
                    SequenceRows(
                        cache: caches[index], grid: grids[index], rows: start..<start + count, logitRows: wanted)
                )
            }
            let counts = chosen.map { caches[$0].rows }
            ForwardPass.run(model, parts.map(\.1), scratch)
            var wantedRow = 0
            for ((index, before), (wanted, _)) in zip(zip(chosen, counts), parts) {
                for row in before..<caches[index].rows {
                    let isWanted = row >= caches[index].rows - wanted
                    for channel in 0..<configuration.channels {
                        if isWanted {
                            logits[index][channel] += scratch.logits(channel: channel, row: wantedRow)
                        } else if let known = known?[index][channel] {
                            let width = known.count / grids[index].rows
                            logits[index][channel] += known[row * width..<(row + 1) * width]
                        }
                    }
                    if isWanted { wantedRow += 1 }
                }
            }
        }
    }
}
