import Audio
import Foundation
import SpeechCodec
import TestSupport
import Testing
import Tokens

/// Full runs of the original with prompts: what of them is the codec's.
@Suite struct GoldenReferenceDecodeTests {
    @Test(arguments: GoldenCase.all(below: "pipeline"))
    func `the codes of a full run decode to its sound, behind the prompt where the original puts it there`(
        _ golden: GoldenCase
    ) throws {
        let codec = try CodecModel.codec(golden.resolve(golden.facts["codec"].string ?? ""))
        let tensors = try golden.tensors()
        let tolerance = try golden.require(
            golden.facts["tolerance"]["wave_abs_over_rms"].double, "tolerance.wave_abs_over_rms")
        let version = try #require(golden.facts["version"].string)
        let items = golden.facts["items"].array
        #expect(!items.isEmpty)
        for (index, item) in items.enumerated() {
            if item["n_codes"].int == nil { continue }
            let codes = CodeMatrix(golden: try tensors.require("codes.\(index)"))
            #expect(codes.frames == item["n_codes"].int)
            let prompt = try prompt(of: item, golden)
            let reference = version == "v0.7" ? try prompt.map { try codec.reference($0) } : nil
            let wave = try codec.decode(codes, behind: reference)
            #expect(wave.count == item["n_samples"].int)
            let limit = tolerance * (try golden.require(item["rms"].double, "rms"))
            let parts = try WaveSummary(tensors: tensors, prefix: "wave.\(index).")
                .differences(from: wave, samplesPerFrame: codec.timing.outputSamplesPerFrame)
            #expect(!parts.isEmpty)
            for (part, near) in parts {
                #expect(near.within(absolute: limit), "\(golden) item \(index) \(part): \(near)")
            }
            if let prompt { try expectEncoded(prompt, reference, golden, tensors, codec) }
        }
    }

    /// The prompt's codes, with the silence that the run appends, and the reference's are among the run's encoder calls.
    private func expectEncoded(
        _ prompt: [Float], _ reference: DecodeReference?, _ golden: GoldenCase, _ tensors: GoldenTensors,
        _ codec: SpeechCodec
    ) throws {
        let encoded = try golden.facts["encode_calls"].array.indices.map {
            CodeMatrix(golden: try tensors.require("encoded.\($0).codes"))
        }
        let silence = golden.facts["silence_duration"].double ?? 0
        let codes = try codec.encode(PromptAudio.appendingSilence(seconds: silence, to: prompt))
        #expect(encoded.contains(codes), "\(golden): the prompt")
        if let reference { #expect(encoded.contains(reference.codes), "\(golden): the reference") }
    }

    /// The item's prompt audio, both speakers' joined; nil when it has none.
    private func prompt(of item: JSONValue, _ golden: GoldenCase) throws -> [Float]? {
        let item = item["item"]
        let base = item["base_path"].string ?? "."
        func load(_ path: String) throws -> [Float] {
            try PromptAudio.loadMono16k(path: golden.resolve(base).appending(path: path).path)
        }
        if let path = item["prompt_audio"].string { return path.isEmpty ? nil : try load(path) }
        var both = ["speaker1", "speaker2"].compactMap { item["prompt_audio"][$0].string }
        if both.isEmpty { both = ["speaker1", "speaker2"].compactMap { item["prompt_audio_\($0)"].string } }
        return both.isEmpty ? nil : PromptAudio.merged(try both.map(load))
    }
}
