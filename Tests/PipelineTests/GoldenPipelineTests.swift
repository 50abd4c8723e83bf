import Checkpoint
import Dialogue
import Foundation
import LanguageModel
import SpeechCodec
import TestSupport
import Testing
import Tokens

/// Full runs of the original, from the item of a JSONL file to the sound (golden/README.md, `pipeline`).
@Suite struct GoldenPipelineTests {
    static let cases = GoldenCase.all(below: "pipeline")

    @Test(arguments: cases)
    func `texts become the original's rows, padded as in its batch`(_ golden: GoldenCase) async throws {
        let run = try await GoldenRuns.shared.run(golden)
        let facts = golden.facts["items"].array
        let normalizes = try #require(golden.facts["use_normalize"].bool as Bool?)
        for (index, item) in try golden.dialogueItems().enumerated() {
            let prepared = run.prepared[index]
            #expect(bytes(try item.fullText()) == bytes(try #require(facts[index]["original_text"].string)))
            let normalized = try #require(facts[index].object["normalized_text"])
            #expect(normalizes != normalized.isNull)
            if normalizes { #expect(bytes(prepared.text) == bytes(normalized.string ?? "")) }
            #expect(bytes(prepared.finalText) == bytes(try #require(facts[index]["final_text"].string)))
        }

        let tensors = try golden.tensors()
        let expected = try tensors.grids("input_ids")
        try #require(run.batch.grids.count == expected.count)
        for (grid, rows) in zip(run.batch.grids, expected) { #expect(difference(grid, rows) == nil) }
        #expect(run.batch.rows == golden.facts["prompt_rows"].int)
        let mask = try tensors.require("attention_mask").floats.map { $0 != 0 }
        #expect(run.batch.grids.indices.flatMap { run.batch.attends(item: $0) } == mask)
    }

    @Test(arguments: cases)
    func `the encoder hears what the original's hears, in its order, and gives its codes`(
        _ golden: GoldenCase
    ) async throws {
        let run = try await GoldenRuns.shared.run(golden)
        let tensors = try golden.tensors()
        guard case .array(let expected) = golden.facts["encode_calls"] else {
            Issue.record("\(golden) states no encode_calls")
            return
        }
        try #require(run.encoderCalls.calls.count == expected.count)
        for (index, call) in run.encoderCalls.calls.enumerated() {
            #expect(call.samples.count == expected[index]["samples"].int, "call \(index)")
            #expect(call.codes.frames == expected[index]["n_codes"].int, "call \(index)")
            let codes = CodeMatrix(golden: try tensors.require("encoded.\(index).codes"))
            #expect(difference(call.codes, codes) == nil, "call \(index)")
        }
    }

    @Test(arguments: cases)
    func `every generated row is the original's`(_ golden: GoldenCase) async throws {
        let run = try await GoldenRuns.shared.run(golden)
        let model = try Pipeline(golden).languageModel.configuration
        let sequences = try golden.tensors().grids("sequences")
        try #require(sequences.count == run.spoken.count)
        let base = run.batch.rows - (model.channels - 1)
        // What the original writes behind an item that has ended, while others of its batch go on.
        let filler =
            [Int32(model.endToken)] + Array(repeating: Int32(model.speechPadToken), count: model.channels - 1)
        for (index, sequence) in sequences.enumerated() {
            let rows = run.spoken[index].rows
            #expect(sequence.rows - base == golden.facts["steps"].int)
            try #require(rows.rows <= sequence.rows - base, "item \(index)")
            #expect(difference(run.batch.grids[index].rows(0..<base), sequence.rows(0..<base)) == nil, "item \(index)")
            #expect(difference(rows, sequence.rows(base..<base + rows.rows)) == nil, "item \(index)")
            for row in base + rows.rows..<sequence.rows { #expect(Array(sequence.row(row)) == filler) }
        }
        #expect(run.spoken.map(\.rows.rows).max() == golden.facts["steps"].int)
    }

    @Test(arguments: cases)
    func `the frames of a batch are the original's codes`(_ golden: GoldenCase) async throws {
        let run = try await GoldenRuns.shared.run(golden)
        let pattern = try Pipeline(golden).prompts.pattern
        let tensors = try golden.tensors()
        for (index, spoken) in run.spoken.enumerated() {
            let frames = try expectedFrames(golden, item: index)
            #expect(spoken.frames.frames == frames, "item \(index)")
            if frames > 0 {
                let codes = CodeMatrix(golden: try tensors.require("codes.\(index)"))
                #expect(difference(spoken.frames, codes) == nil, "item \(index)")
                #expect(try pattern.unshift(spoken.rows) == .codes(codes), "item \(index)")
            } else {
                #expect(tensors["codes.\(index)"] == nil)
            }
        }
    }

    @Test(arguments: cases)
    func `sound is the original's within the tolerance of the case`(_ golden: GoldenCase) async throws {
        let run = try await GoldenRuns.shared.run(golden)
        let codec = try Pipeline(golden).codec
        let tensors = try golden.tensors()
        let tolerance = try #require(golden.facts["tolerance"]["wave_abs_over_rms"].double)
        for (index, spoken) in run.spoken.enumerated() where try expectedFrames(golden, item: index) > 0 {
            let facts = golden.facts["items"][index]
            #expect(spoken.wave.count == facts["n_samples"].int, "item \(index)")
            #expect(codec.outputSampleRate == facts["sample_rate"].int)
            let rms = try #require(facts["rms"].double)
            let limit = tolerance * rms
            let energy = spoken.wave.reduce(0.0) { $0 + Double($1) * Double($1) }
            #expect(abs((energy / Double(spoken.wave.count)).squareRoot() - rms) <= limit, "item \(index)")
            let peak = spoken.wave.reduce(0) { max($0, abs($1)) }
            #expect(abs(Double(peak) - (try #require(facts["peak"].double))) <= limit, "item \(index)")

            let parts = try WaveSummary(tensors: tensors, prefix: "wave.\(index).")
                .differences(from: spoken.wave, samplesPerFrame: codec.timing.outputSamplesPerFrame)
            #expect(!parts.isEmpty)
            for (part, near) in parts {
                #expect(near.within(absolute: limit), "item \(index) \(part): \(near)")
            }
        }
    }

    @Test(arguments: cases)
    func `sound made while frames arrive, however cut, is the sound of the whole to the bit`(
        _ golden: GoldenCase
    ) async throws {
        let run = try await GoldenRuns.shared.run(golden)
        let codec = try Pipeline(golden).codec
        for (index, spoken) in run.spoken.enumerated() where spoken.frames.frames > 0 {
            let cuts = [spoken.pieces, Self.cut(spoken.frames, seed: UInt64(index))]
            for pieces in cuts {
                var stream = codec.stream(behind: spoken.reference)
                var sound: [Float] = []
                for piece in pieces { sound += try stream.push(piece) }
                sound += stream.finish()
                #expect(sound.map(\.bitPattern) == spoken.wave.map(\.bitPattern), "item \(index)")
            }
        }
    }

    /// Into pieces of random length, some of them empty.
    private static func cut(_ frames: CodeMatrix, seed: UInt64) -> [CodeMatrix] {
        var random = SeededRandom(seed: seed)
        var pieces: [CodeMatrix] = []
        var start = 0
        while start < frames.frames {
            let end = min(frames.frames, start + Int.random(in: 0...40, using: &random))
            pieces.append(frames.frames(start..<end))
            start = end
        }
        return pieces
    }

    /// 0 where the case says that the item gives no sound.
    private func expectedFrames(_ golden: GoldenCase, item: Int) throws -> Int {
        let fact = try #require(golden.facts["items"][item].object["n_codes"], "item \(item) states no n_codes")
        return fact.isNull ? 0 : try #require(fact.int)
    }

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
}
