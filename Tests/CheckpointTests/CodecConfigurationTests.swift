import Checkpoint
import Foundation
import TestSupport
import Testing

@Suite struct CodecConfigurationTests {
    private func read(_ text: String, as name: String = "codec.yaml") throws -> CodecConfiguration {
        let scratch = try ScratchFolder()
        let url = scratch.url.appending(path: name)
        try Data(text.utf8).write(to: url)
        return try CodecConfiguration(file: url)
    }

    @Test func readsEveryBlocksOwnSizes() throws {
        let codec = try read(Configurations.codecYAML)
        #expect(codec.inputSampleRate == 16_000)
        #expect(codec.outputSampleRate == 24_000)
        #expect(codec.frameRate == 12.5)
        #expect(codec.featureExtractor.positionsMax == 3000)
        #expect(codec.semanticEncoder.width == 8)
        #expect(codec.semanticEncoder.positions == 1500)
        #expect(codec.semanticEncoderAdapter.outputWidth == 6)
        #expect(codec.acousticEncoder.heads == 5)
        #expect(codec.preQuantizerAdapter.width == 12)
        #expect(codec.downsample.factor == 4)
        #expect(codec.quantizer.width == 5)
        #expect(codec.quantizer.codebooks == 3)
        #expect(codec.postQuantizerAdapter.positions == 375)
        #expect(codec.upsample.width == 7)
        #expect(codec.acousticDecoder.feedForward == 9)
        #expect(codec.vocoder.innerWidth == 11)
    }

    /// The 24 kHz file of v0.5 lacks both rates.
    @Test func suppliesTheRatesThatTheFirstFilesLack() throws {
        let codec = try read(Configurations.codecYAML)
        #expect(codec.encoderDownsampleRate == 1280)
        #expect(codec.decoderUpsampleRate == 1920)
    }

    @Test func readsTheSameFromTheTopLevel() throws {
        let lines = Configurations.codecYAML.split(separator: "\n")
        let start = try #require(lines.firstIndex { $0.hasPrefix("generator_params") })
        let top = lines[(start + 1)...].map { $0.dropFirst(2) }.joined(separator: "\n")
            .replacingOccurrences(of: "*rate", with: "16000").replacingOccurrences(of: "*output", with: "24000")
        #expect(try read(top) == read(Configurations.codecYAML))
    }

    /// The Hugging Face port calls the rates otherwise and writes JSON.
    @Test func readsTheSameFromTheJSONOfThePort() throws {
        var yaml = Configurations.codecYAML.replacingOccurrences(of: "\n    ", with: " ")
            .replacingOccurrences(of: "*rate", with: "16000").replacingOccurrences(of: "*output", with: "24000")
            .replacingOccurrences(of: "\"", with: "")
        yaml = try String(#require(yaml.split(separator: "generator_params:\n").last))
        let members = yaml.split(separator: "\n").map { line in
            line.trimmingCharacters(in: .whitespaces)
                .replacing(/[a-z_0-9]+:/) { "\"\($0.output.dropLast())\":" }
                .replacingOccurrences(of: ": gelu", with: ": \"gelu\"")
                .replacingOccurrences(of: ": same", with: ": \"same\"")
        }
        let json = "{" + members.joined(separator: ",") + "}"
        let port = json.replacingOccurrences(of: "input_sample_rate", with: "input_sampling_rate")
            .replacingOccurrences(of: "output_sample_rate", with: "sampling_rate")
        #expect(try read(port, as: "config.json") == read(Configurations.codecYAML))
        #expect(try read("{\"codec_config\":" + port + "}", as: "config.json") == read(Configurations.codecYAML))
    }

    @Test(arguments: [
        BadField("&rate 16000", "&rate 5", .badValue, "generator_params.input_sample_rate"),
        BadField("rvq_dim: 5, ", "", .missing, "generator_params.quantizer_kwargs.rvq_dim"),
        BadField("rvq_dim: 5", "rvq_dim: 0", .badValue, "generator_params.quantizer_kwargs.rvq_dim"),
        BadField("rvq_dim: 5", "rvq_dim: 6", .unsupported, "generator_params.quantizer_kwargs.codebook_dim"),
        BadField(
            "codebook_size: 8", "codebook_size: 70000", .badValue, "generator_params.quantizer_kwargs.codebook_size"),
        BadField("d_model: 10", "d_model: ten", .badValue, "generator_params.acoustic_encoder_kwargs.d_model"),
        BadField(
            "encoder_attention_heads: 5", "encoder_attention_heads: 3", .badValue,
            "generator_params.acoustic_encoder_kwargs.encoder_attention_heads"),
        BadField(
            "{input_dim: 8, output_dim: 6", "{input_dim: 9, output_dim: 6", .badValue,
            "generator_params.semantic_encoder_adapter_kwargs.input_dim"),
        BadField("input_dim: 16", "input_dim: 17", .badValue, "generator_params.pre_rvq_adapter_kwargs.input_dim"),
        BadField("avg_pooler: 4", "avg_pooler: 5", .badValue, "generator_params.quantizer_kwargs.input_dim"),
        BadField("output_dim: 28", "output_dim: 27", .badValue, "generator_params.post_rvq_adapter_kwargs.output_dim"),
        BadField("hop_size: 240", "hop_size: 320", .badValue, "generator_params.decoder_upsample_rate"),
        BadField("n_fft: 960", "n_fft: 961", .badValue, "generator_params.vocos_kwargs.n_fft"),
        BadField("padding: same", "padding: center", .unsupported, "generator_params.vocos_kwargs.padding"),
        BadField(
            "\"gelu\"", "relu", .unsupported, "generator_params.semantic_encoder_kwargs.activation_function"),
        BadField(
            "chunk_length: 30", "chunk_length: 30, n_samples: 7", .badValue,
            "generator_params.feature_extractor_kwargs.n_samples"),
        BadField(
            "upsample_kwargs: {d_model: 7, stride: 4}", "upsample_kwargs: 7", .malformed,
            "generator_params.upsample_kwargs"),
        BadField("upsample_kwargs: {d_model: 7, stride: 4}", "other: 7", .missing, "generator_params.upsample_kwargs"),
        BadField("generator_params:", "generator_params: [", .malformed),
        BadField("*rate", "*nobody", .malformed),
    ])
    func refusesABadField(_ field: BadField) throws {
        try field.expectRefusal(in: Configurations.codecYAML, as: "codec.yaml") { _ = try CodecConfiguration(file: $0) }
    }

    /// Texts of a few bytes a line that would cost a parser exponential time, or its stack.
    @Test(arguments: [
        "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n",
        "a: &a\n  - x\nb: *a\n", "? &a [x]\n: *a\n", "&a {x: y}\n", "- &a\n- *a\n", "&a &b x\n",
        String(repeating: "[", count: 200_000), String(repeating: "{a: ", count: 10_000),
        String(repeating: "- ", count: 100_000) + "x",
        (0..<2000).map { String(repeating: " ", count: $0) + "a:" }.joined(separator: "\n"),
        String(repeating: "a", count: 300_000), String(repeating: "? ", count: 5000), "a: 1\na: 2\n", "", "---\n",
        "\u{0}",
        "a: [\n" + String(repeating: "[\n", count: 5000),
    ])
    func refusesATextMadeToHurt(text: String) throws {
        #expect(throws: CheckpointError.self) { try read(text) }
    }
}
