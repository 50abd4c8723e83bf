import Checkpoint
import Foundation
import TestSupport
import Testing

/// What lies in the golden folders are sound models, so nothing may be found wrong with them.
@Suite struct GoldenModelDirectoryTests {
    @Test(arguments: GoldenModel.all(below: "lm"))
    func findsNothingWrongWithALanguageModel(model: GoldenModel) throws {
        let ownsTokenizer = try #require(model.facts["tokenizer_in_model_dir"].bool as Bool?)
        let files = try LanguageModelFiles(folder: model.model, tokenizer: ownsTokenizer ? nil : model.tokenizer)
        #expect(files.tokenizerFolder != nil)
        #expect(files.check() == [])

        let configuration = try files.configuration()
        let range = model.facts["speech_token_range"].array.compactMap(\.int)
        #expect(configuration.speechTokenRange == range[0]..<range[1])
        #expect(configuration.endToken == model.facts["eos_token_id"].int)
        let tensors = try files.tensors(configuration)
        #expect(tensors.contains("lm_heads.0.weight") == model.facts["lm_heads_in_file"].bool)
        #expect(
            tensors.contains("model.language_model.embed_tokens.weight") == model.facts["embed_tokens_in_file"].bool)
        for tensor in LanguageModelTensors.expected(configuration) where tensor.isRequired {
            let stored = try tensors.requireTensor(tensor.name, shape: tensor.shape)
            #expect(stored.scalarType.rawValue == model.facts["dtype_on_disk"].string)
            #expect(try stored.floats().count == stored.count)
        }
        let generation = try files.generation(channels: configuration.channels)
        #expect(generation.channels.count == configuration.channels)
    }

    @Test(arguments: GoldenModel.all(below: "codec"))
    func findsNothingWrongWithACodec(model: GoldenModel) throws {
        let files = try CodecFiles(folder: model.model)
        #expect(files.configurationFile.lastPathComponent == model.facts["config"].string)
        #expect(files.check() == [])

        let configuration = try files.configuration()
        #expect(configuration.inputSampleRate == model.facts["input_sample_rate"].int)
        #expect(configuration.outputSampleRate == model.facts["output_sample_rate"].int)
        #expect(configuration.encoderDownsampleRate == model.facts["encoder_downsample_rate"].int)
        #expect(configuration.decoderUpsampleRate == model.facts["decoder_upsample_rate"].int)
        let tensors = try files.tensors(configuration)
        let expected = CodecTensors.expected(configuration)
        #expect(expected.map(\.name).sorted() == tensors.names)
    }

    /// A port may leave the positional tables out; computed, they must be those that the checkpoint stores.
    @Test(arguments: GoldenModel.all(below: "codec"))
    func computesThePositionalTablesThatAFileLeavesOut(model: GoldenModel) throws {
        let files = try CodecFiles(folder: model.model)
        let configuration = try files.configuration()
        let stored = try files.tensors(configuration)
        let scratch = try ScratchFolder()
        try FileManager.default.copyItem(
            at: files.configurationFile, to: scratch.url.appending(path: files.configurationFile.lastPathComponent))
        let kept = stored.names.filter { !$0.hasSuffix(".positional_embedding") }
        #expect(kept.count < stored.names.count)
        try Data(SafetensorsBytes.sound(kept.map { ($0, stored.layout($0)?.shape ?? []) }))
            .write(to: scratch.url.appending(path: "model.safetensors"))
        let computed = try CodecFiles(folder: scratch.url).tensors(configuration)
        for name in stored.names where !kept.contains(name) {
            let closeness = try Closeness(computed.tensor(name).floats(), stored.tensor(name).floats())
            #expect(closeness.within(absolute: 2e-4), "\(name): \(closeness)")
        }
    }

    /// Voices keep codes under this name, so a conversion of the checkpoint must not lose them.
    @Test(arguments: GoldenModel.all(below: "codec"))
    func namesACodecAlikeInBothContainers(model: GoldenModel) throws {
        guard try #require(model.facts["safetensors"].bool as Bool?) else { return }
        let whole = try CodecFiles(folder: model.model)
        #expect(whole.weightsFile.pathExtension == "safetensors")
        let scratch = try ScratchFolder()
        for name in [model.facts["config"].string, model.facts["checkpoint"].string] {
            let name = try #require(name)
            try FileManager.default.copyItem(
                at: model.model.appending(path: name), to: scratch.url.appending(path: name))
        }
        let archive = try CodecFiles(folder: scratch.url)
        #expect(archive.weightsFile.lastPathComponent == model.facts["checkpoint"].string)
        #expect(archive.check() == [])
        #expect(try archive.contentHash() == whole.contentHash())
    }

    /// Every pairing that the pipeline cases run, as the generation that they run it as.
    @Test(arguments: GoldenCase.all(below: "pipeline"))
    func findsThePartsOfAPipeline(golden: GoldenCase) throws {
        let model = try golden.resolve(#require(golden.facts["lm"].string))
        let codec = try golden.resolve(#require(golden.facts["codec"].string))
        let tokenizer = try golden.resolve(#require(golden.facts["tokenizer"].string))
        let flavor = try #require(ModelFlavor(rawValue: golden.facts["version"].string ?? ""))
        let directory = try ModelDirectory(model, codec: codec, tokenizer: tokenizer, flavor: flavor)
        #expect(directory.check().filter { $0.severity > .note } == [])
        #expect(directory.flavor == flavor)
    }
}
