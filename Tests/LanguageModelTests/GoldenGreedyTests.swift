import Checkpoint
import Foundation
import LanguageModel
import Synchronization
import TestSupport
import Testing
import Tokens

@Suite struct GoldenGreedyTests {
    /// Every item of the reference's batch through the engine, all at once: the rows of the state are the reference's.
    @Test(arguments: GoldenCase.all(below: "lm") { $0.facts["kind"].string == "greedy" })
    func choosesTheReferencesIDs(golden: GoldenCase) throws {
        let model = try TestModels.model(golden)
        let tensors = try golden.tensors()
        let expected = try tensors.grids("sequences")
        let items = try tensors.paddedItems()
        #expect(items.count == expected.count)
        for (item, sequence) in zip(items, expected) {
            let request = try request(golden, item.grid, paddingRows: item.pads, model)
            let rows = try Generating.rows(model, request)
            try expect(rows, in: sequence, of: golden, item.grid, model)
        }
    }

    /// The engine's frames are those that the rows of the reference spell.
    @Test(arguments: GoldenCase.all(below: "lm") { $0.facts["kind"].string == "greedy" })
    func tellsTheFramesOfTheReferencesRows(golden: GoldenCase) async throws {
        let model = try TestModels.model(golden)
        let tensors = try golden.tensors()
        let engine = try GenerationEngine(model: model)
        let items = try tensors.paddedItems()
        let streams = try items.map { item in
            try engine.stream(try request(golden, item.grid, paddingRows: item.pads, model))
        }
        for (number, stream) in streams.enumerated() {
            let result = try await stream.result()
            let sequence = try tensors.grids("sequences")[number]
            let base = try #require(golden.facts["base_rows"].int)
            let pads =
                [Int32(model.configuration.padToken)]
                + Array(repeating: Int32(model.configuration.speechPadToken), count: sequence.channels - 1)
            let pattern = DelayPattern(pads: pads, speechTokenStart: Int32(try speechTokens(golden).lowerBound))
            #expect(result.frames == (try spelled(by: sequence.rows(base..<sequence.rows), pattern)))
            let ended = !golden.facts["items"][number]["first_non_speech_step"].isNull
            #expect(result.reason == (ended ? .endOfSpeech : .length))
            #expect(result.statistics.frames == result.frames.frames)
        }
        engine.shutDown()
    }

    /// The frames of the rows; none where the reference gives up for want of rows.
    private func spelled(by rows: TokenGrid, _ pattern: DelayPattern) throws -> CodeMatrix {
        do {
            if case .codes(let codes) = try pattern.unshift(rows) { return codes }
        } catch DelayError.tooFewRows {}
        return CodeMatrix(codebooks: rows.channels)
    }

    private func expect(
        _ rows: TokenGrid, in sequence: TokenGrid, of golden: GoldenCase, _ prompt: TokenGrid, _ model: LanguageModel
    ) throws {
        let base = try #require(golden.facts["base_rows"].int)
        #expect(sequence.rows(0..<base) == prompt.rows(0..<base))
        let generated = sequence.rows(base..<sequence.rows)
        try #require(rows.rows <= generated.rows)
        #expect(rows == generated.rows(0..<rows.rows))
        // While others of its batch go on, the reference writes fillers behind an item that has ended.
        let filler =
            [Int32(model.configuration.endToken)]
            + Array(repeating: Int32(model.configuration.speechPadToken), count: rows.channels - 1)
        for row in rows.rows..<generated.rows { #expect(Array(generated.row(row)) == filler) }
    }

    private func speechTokens(_ golden: GoldenCase) throws -> Range<Int> {
        let range = golden.facts["speech_token_range"]
        return try #require(range[0].int)..<(try #require(range[1].int))
    }

    private func request(
        _ golden: GoldenCase, _ grid: TokenGrid, paddingRows: Int, _ model: LanguageModel
    ) throws -> GenerationRequest {
        let generation = golden.facts["generation"]
        let sampling = try zip(generation["layers"].array, generation["do_samples"].array).map { layer, draws in
            ChannelSampling(layer, drawsAtRandom: try #require(draws.bool as Bool?))
        }
        var rules = GenerationRules(
            model.configuration, endOfSpeech: try #require(golden.facts["end_of_speech_id"].int))
        let speech = try speechTokens(golden)
        rules.speechTokens = Int32(speech.lowerBound)..<Int32(speech.upperBound)
        var request = GenerationRequest(
            prompt: grid, seed: 0, sampling: sampling,
            maxNewTokens: try #require(generation["max_new_tokens"].int), rules: rules)
        request.paddingRows = paddingRows
        return request
    }
}

extension ChannelSampling {
    /// An entry of `layers`.
    init(_ layer: JSONValue, drawsAtRandom: Bool) {
        self.init(
            drawsAtRandom: drawsAtRandom, repetitionPenalty: layer["repetition_penalty"].double,
            temperature: layer["temperature"].double, topK: layer["top_k"].int, topP: layer["top_p"].double)
    }
}
