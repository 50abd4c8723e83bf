import Checkpoint
import Compute
import Foundation
import LanguageModel
import TestSupport
import Testing
import Tokens

@Suite struct GoldenForwardTests {
    /// In one go, and with the prompt first and then row by row: the same values, and the same bits.
    @Test(arguments: GoldenCase.all(below: "lm") { $0.facts["kind"].string == "forward" })
    func givesTheReferencesLogits(golden: GoldenCase) throws {
        let model = try TestModels.model(golden)
        let tensors = try golden.tensors()
        let grid = try tensors.grid("input_ids")
        let prefill = try #require(golden.facts["prefill_rows"].int)
        #expect(grid.rows == golden.facts["rows"].int)

        let whole = Forwarding(model, grid, cuts: [grid.rows])
        let cached = Forwarding(
            model, grid, cuts: [prefill] + Array(repeating: 1, count: grid.rows - prefill))
        #expect(whole.logits == cached.logits, "the bits depend on the cache")

        try expectLogits(whole.logits, in: tensors, prefix: "", golden)
        let absolute = try #require(golden.facts["tolerance"]["hidden_abs"].double)
        for (stage, values) in whole.hidden.enumerated() where !golden.facts["hidden_states"].isNull {
            let closeness = Closeness(values, try tensors.require("hidden.\(stage)").floats)
            #expect(closeness.within(absolute: absolute), "hidden.\(stage): \(closeness)")
        }
    }

    /// The reference pads short prompts at the left and masks the pads; without them the values are the same.
    @Test(arguments: GoldenCase.all(below: "lm") { $0.facts["kind"].string == "leftpad" })
    func givesTheReferencesLogitsWithoutItsPads(golden: GoldenCase) throws {
        let model = try TestModels.model(golden)
        let tensors = try golden.tensors()
        let items = try tensors.paddedItems()
        for (number, item) in items.enumerated() {
            let rows = item.grid.rows(item.pads..<item.grid.rows)
            // The positions of the reference begin at the first row that is no pad.
            let positions = try tensors.require("position_ids").int32s
            let first = number * item.grid.rows + item.pads
            #expect(Array(positions[first..<first + rows.rows]) == (0..<rows.rows).map(Int32.init))
            try expectLogits(
                Forwarding(model, rows, cuts: [rows.rows]).logits, in: tensors, prefix: "item\(number).", golden)
        }
    }

    /// - Parameter logits: Per channel, `[rows, vocabulary]` for all rows; the golden ones are the last of them.
    private func expectLogits(
        _ logits: [[Float]], in tensors: GoldenTensors, prefix: String, _ golden: GoldenCase
    ) throws {
        let absolute = try #require(golden.facts["tolerance"]["logits_abs"].double)
        let relative = golden.facts["tolerance"]["logits_rel"].double ?? 0
        let model = try TestModels.model(golden)
        for (channel, values) in logits.enumerated() {
            let name = "\(prefix)logits.\(channel)"
            let vocabulary =
                channel == 0 ? model.configuration.vocabularySize : model.configuration.speechVocabularySize
            func expect(_ actual: [Float], _ expected: [Float], _ part: String) {
                let closeness = Closeness(actual, expected)
                #expect(closeness.within(absolute: absolute, relative: relative), "\(name)\(part): \(closeness)")
            }
            guard tensors[name] == nil else {
                let expected = try tensors.require(name).floats
                expect(Array(values.suffix(expected.count)), expected, "")
                continue
            }
            let columns = try tensors.require(name + ".cols").int32s.map(Int.init)
            let expected = try tensors.require(name + ".sub")
            let rows = expected.shape[0]
            let last = Array(values.suffix(rows * vocabulary))
            expect((0..<rows).flatMap { row in columns.map { last[row * vocabulary + $0] } }, expected.floats, ".sub")

            let topIDs = try tensors.require(name + ".last_top_ids").int32s.map(Int.init)
            let lastRow = Array(values.suffix(vocabulary))
            let topValues = try tensors.require(name + ".last_top_values").floats
            expect(topIDs.map { lastRow[$0] }, topValues, ".last_top")
            let others = lastRow.indices.filter { !topIDs.contains($0) }.map { lastRow[$0] }.max() ?? -.infinity
            let least = try #require(topValues.min())
            #expect(others <= least + Float(max(absolute, relative * Double(topValues.max() ?? 0))))
        }
    }
}
