import Foundation
import LanguageModel
import TestSupport
import Testing
import Tokens

@Suite struct GoldenSamplerTests {
    /// Masks and processors leave the reference's ids with the reference's probabilities.
    @Test(arguments: GoldenCase.all(below: "lm/sampler"))
    func givesTheReferencesProbabilities(golden: GoldenCase) throws {
        let facts = golden.facts
        let tensors = try golden.tensors()
        let history = try tensors.grid("history")
        #expect(history.rows == facts["history_rows"].int)
        let absolute = try #require(facts["tolerance"]["probs_abs"].double)
        try #require(!facts["channels"].array.isEmpty)
        for entry in facts["channels"].array {
            let channel = try #require(entry["channel"].int)
            let state = try state(facts, history)
            let blocked = state.blocked(channel)
            #expect((blocked != nil) == (entry["eos_blocked"].bool == true || entry["pad_blocked"].bool == true))

            var scores = try tensors.require("logits.\(channel)").floats
            let distinct = Set((0..<history.rows).map { history[$0, channel] }).sorted()
            let candidates = scores.withUnsafeMutableBufferPointer {
                ChannelProcessors(ChannelSampling(entry["config"], drawsAtRandom: true))
                    .candidates($0, blocked: blocked, history: distinct)
            }
            let kept = try tensors.require("kept.\(channel)").bytesAsUInt8
            let keptIDs = kept.indices.filter { kept[$0] == 1 }.map(Int32.init)
            let gap = entry["top_p_boundary_gap"].double ?? 1
            let others = Set(candidates.ids).symmetricDifference(keptIDs)
            if entry["float64_model_agrees"].bool == true, gap > 1e-6 {
                // Which of several equal scores top-p cuts off is chance in the reference (its README says so); how many
                // is not. `scores` holds the processed ones now.
                #expect(candidates.ids.count == keptIDs.count, "channel \(channel)")
                #expect(Set(others.map { scores[Int($0)] }).count <= 1, "channel \(channel): \(others)")
            }

            var probabilities = [Float](repeating: 0, count: scores.count)
            for (id, probability) in zip(candidates.ids, candidates.probabilities) {
                probabilities[Int(id)] = probability
            }
            var expected = try tensors.require("probs.\(channel)").floats
            for id in others where gap > 1e-6 { (probabilities[Int(id)], expected[Int(id)]) = (0, 0) }
            let closeness = Closeness(probabilities, expected)
            #expect(closeness.within(absolute: absolute), "channel \(channel): \(closeness)")
        }
    }

    /// A generation at the case's step, whose only use here is to say what is blocked.
    private func state(_ facts: JSONValue, _ history: TokenGrid) throws -> GenerationState {
        let model = try SmallModels.configuration(
            vocabulary: try #require(facts["vocab_size"].int), channels: history.channels,
            speechPad: try #require(facts["speech_pad_token"].int),
            speech: try #require(
                facts["speech_token_range"][0].int)..<(try #require(facts["speech_token_range"][1].int))
        )
        let rows = try #require(facts["prompt_rows"].int)
        let base = try #require(facts["base_rows"].int)
        let step = try #require(facts["step"].int)
        #expect(base + step == history.rows)
        var prompt = history.rows(0..<min(base, history.rows))
        while prompt.rows < rows { prompt.append(row: Array(repeating: Int32(0), count: history.channels)) }
        var state = GenerationState(
            GenerationRequest(
                prompt: prompt, seed: 0,
                sampling: Array(repeating: ChannelSampling(), count: history.channels), maxNewTokens: 1000,
                rules: GenerationRules(model, endOfSpeech: try #require(facts["end_of_speech_id"].int))), model)
        for row in base..<history.rows { _ = state.accept(Array(history.row(row))) }
        #expect(state.step == step)
        return state
    }
}
