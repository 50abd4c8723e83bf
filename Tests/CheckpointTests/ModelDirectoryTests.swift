import Checkpoint
import Foundation
import TestSupport
import Testing

@Suite struct ModelDirectoryTests {
    @Test func findsNothingWrongWithTheEmbeddedModel() throws {
        let directory = try ModelDirectory(SharedFolder.packageRoot.appending(path: "Shared/DemoVoice/Model"))
        #expect(directory.check().filter { $0.severity > .note } == [])
        #expect(directory.flavor == .v05)
    }

    @Test func findsNothingWrongWithASoundModel() throws {
        let model = try SmallModel()
        #expect(try ModelDirectory(model.url).check() == [])
    }

    /// Every place where people put the codec.
    @Test(arguments: ["codec", "XY_Tokenizer", "../beside", ".", ".."])
    func findsTheCodecWhereverItLies(place: String) throws {
        let scratch = try ScratchFolder()
        let model = scratch.url.appending(path: "MOSS-TTSD")
        try SmallModel.writeLanguageModel(to: model)
        // A checkpoint of its own name, where the language model's weights lie too.
        let codec = model.appending(path: place).standardizedFileURL
        try SmallModel.writeCodec(to: codec, weights: "xy_tokenizer.safetensors")
        if place == "." { return try expectTheCodecIsFused(in: model) }
        let directory = try ModelDirectory(model)
        #expect(directory.codec.folder.standardizedFileURL.path == codec.path)
        #expect(directory.check() == [])
    }

    /// In one folder the weights would be ambiguous: `model.safetensors` is the language model's, so it must hold both.
    private func expectTheCodecIsFused(in model: URL) throws {
        let directory = try ModelDirectory(model)
        #expect(directory.codec.weightsFile.lastPathComponent == "model.safetensors")
        #expect(directory.check().contains { $0.severity == .error && $0.file == directory.codec.weightsFile.path })
    }

    /// A model fused with its codec: one configuration, one file of weights, prefixes tell the halves apart.
    @Test func readsAModelFusedWithItsCodec() throws {
        let small = try SmallModel()
        let parts = try ModelDirectory(small.url)
        let languageModel = LanguageModelTensors.expected(try parts.languageModel.configuration())
        let codec = CodecTensors.expected(try parts.codec.configuration())
        let fused = try ScratchFolder()
        let tensors =
            languageModel.filter(\.isRequired).map { (name: $0.name, shape: $0.shape) }
            + codec.filter(\.isRequired).map { (name: "codec_model." + $0.name, shape: $0.shape) }
        try Data(SafetensorsBytes.sound(tensors)).write(to: fused.url.appending(path: "model.safetensors"))
        for name in ["generation_config.json", "tokenizer.json"] {
            try FileManager.default.copyItem(
                at: small.url.appending(path: "lm/\(name)"), to: fused.url.appending(path: name))
        }
        try SmallModel.write(
            Configurations.languageModelJSON.replacingOccurrences(of: "\"qwen3\"", with: "\"moss_ttsd_with_codec\""),
            to: fused.url.appending(path: "config.json"))
        try SmallModel.write(Configurations.codecYAML, to: fused.url.appending(path: "codec.yaml"))
        let directory = try ModelDirectory(fused.url)
        #expect(directory.check() == [])
        #expect(directory.flavor == .v07)
    }

    @Test func takesTheGenerationFromTheCodecsNameUnlessToldOtherwise() throws {
        let scratch = try ScratchFolder()
        try SmallModel.writeLanguageModel(to: scratch.url)
        let codec = scratch.url.appending(path: "codec")
        try SmallModel.writeCodec(to: codec, name: "MOSS_TTSD_tokenizer")
        #expect(try ModelDirectory(scratch.url).flavor == .v07)
        #expect(try ModelDirectory(scratch.url, flavor: .v05).flavor == .v05)
        try FileManager.default.moveItem(
            at: codec.appending(path: "MOSS_TTSD_tokenizer.yaml"), to: codec.appending(path: "xy_tokenizer_config.yaml")
        )
        #expect(try ModelDirectory(scratch.url).flavor == .v05)
    }

    /// The published repository keeps the configurations of both codecs in one folder.
    @Test func takesTheConfigurationThatFitsTheWeights() throws {
        let model = try SmallModel()
        let other = Configurations.codecYAML.replacingOccurrences(
            of: "n_fft: 960, hop_size: 240", with: "n_fft: 1280, hop_size: 320"
        )
        .replacingOccurrences(of: "generator_params:\n", with: "generator_params:\n  decoder_upsample_rate: 2560\n")
        let codec = model.url.appending(path: "codec")
        try SmallModel.write(other, to: codec.appending(path: "a_32k.yaml"))
        try SmallModel.write("unrelated: true\n", to: codec.appending(path: "b.yaml"))
        #expect(try ModelDirectory(model.url).codec.configurationFile.lastPathComponent == "config.yaml")
    }

    /// Each way a folder can lack something, and the finding that must name it.
    @Test(arguments: [
        ("lm/config.json", "config.json"), ("lm/model.safetensors", "model.safetensors"),
        ("lm/tokenizer.json", "tokenizer.json"), ("codec/config.yaml", "*.yaml"),
        ("codec/model.safetensors", "xy_tokenizer.ckpt"), ("codec", "codec"),
    ])
    func saysWhatIsNotThere(path: String, subject: String) throws {
        let model = try SmallModel()
        try FileManager.default.removeItem(at: model.url.appending(path: path))
        let errors = ModelDirectory.check(model.url).filter { $0.severity == .error }
        #expect(errors.map(\.subject) == [subject], "\(errors)")
        #expect(errors.allSatisfy { $0.remedy != nil || path == "lm/config.json" })
    }

    @Test func warnsOfAMissingGenerationConfiguration() throws {
        let model = try SmallModel()
        try FileManager.default.removeItem(at: model.url.appending(path: "lm/generation_config.json"))
        let directory = try ModelDirectory(model.url)
        #expect(directory.check().map(\.severity) == [.warning])
        #expect(try directory.languageModel.generation(channels: 3) == .recommended(channels: 3))
    }

    /// Weights of another model: each tensor that differs is named, and loading fails.
    @Test func namesEveryTensorThatDisagrees() throws {
        let model = try SmallModel()
        let file = model.url.appending(path: "lm/config.json")
        let other = Configurations.languageModelJSON.replacingOccurrences(
            of: "\"intermediate_size\": 24", with: "\"intermediate_size\": 32")
        try SmallModel.write(
            other.replacingOccurrences(of: "\"num_hidden_layers\": 2", with: "\"num_hidden_layers\": 1"), to: file)
        let directory = try ModelDirectory(model.url)
        let errors = directory.check()
        #expect(errors.allSatisfy { $0.severity == .error })
        #expect(errors.filter { $0.reason.contains("[24, 16]") }.count == 2)
        #expect(errors.filter { $0.reason.contains("no such tensor") }.count == 11)
        let configuration = try directory.languageModel.configuration()
        #expect(throws: CheckpointError.self) { try directory.languageModel.tensors(configuration) }
    }

    @Test func findsANumberThatIsNone() throws {
        let model = try SmallModel()
        let url = model.url.appending(path: "codec/model.safetensors")
        var bytes = try Data(contentsOf: url)
        bytes.replaceSubrange(bytes.count - 4..<bytes.count, with: littleEndian(Float.nan.bitPattern))
        try bytes.write(to: url)
        let findings = try ModelDirectory(model.url).check()
        #expect(findings.map(\.severity) == [.error])
        #expect(findings.first?.reason.contains("not a finite number") == true)
    }

    @Test func findsACodecThatIsNotTheModels() throws {
        let model = try SmallModel()
        let yaml = Configurations.codecYAML.replacingOccurrences(of: "num_quantizers: 3", with: "num_quantizers: 2")
        try SmallModel.write(yaml, to: model.url.appending(path: "codec/config.yaml"))
        let subjects = try ModelDirectory(model.url).check().compactMap(\.subject)
        #expect(subjects.contains("channels"))
        #expect(subjects.contains("quantizer.quantizers.2.codebook"))
    }

    /// A voice keeps its codes under the codec's hash, so every bit that could change one must change it.
    @Test func namesContentsByEveryByteAndByTheSizesThatShapesDoNotShow() throws {
        let model = try SmallModel()
        let directory = try ModelDirectory(model.url)
        let codecHash = try directory.codecHash()
        let modelHash = try directory.modelHash()
        #expect(codecHash.count == 64)
        #expect(try directory.codecHash() == codecHash)
        #expect(codecHash != modelHash)

        for file in ["codec/model.safetensors", "lm/model.safetensors"] {
            let url = model.url.appending(path: file)
            var bytes = try Data(contentsOf: url)
            bytes[bytes.count - 1] ^= 1
            try bytes.write(to: url)
        }
        #expect(try directory.codecHash() != codecHash)
        #expect(try directory.modelHash() != modelHash)

        let changed = try directory.codecHash()
        let heads = Configurations.codecYAML.replacingOccurrences(
            of: "decoder_attention_heads: 7", with: "decoder_attention_heads: 1")
        try SmallModel.write(heads, to: model.url.appending(path: "codec/config.yaml"))
        #expect(try directory.codecHash() != changed)
        try SmallModel.write(
            "# a comment\n" + Configurations.codecYAML, to: model.url.appending(path: "codec/config.yaml"))
        #expect(try directory.codecHash() == changed)
    }
}
