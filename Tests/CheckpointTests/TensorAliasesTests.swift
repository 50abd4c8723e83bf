import Checkpoint
import Foundation
import TestSupport
import Testing

@Suite struct TensorAliasesTests {
    private func source(_ shapes: [(name: String, shape: [Int])]) throws -> SafetensorsFile {
        let scratch = try ScratchFolder()
        let url = scratch.url.appending(path: "a.safetensors")
        try Data(SafetensorsBytes.sound(shapes)).write(to: url)
        return try SafetensorsFile(url)
    }

    @Test(arguments: [
        ("model.layers.3.mlp.up_proj.weight", "model.language_model.layers.3.mlp.up_proj.weight"),
        ("model.norm.weight", "model.language_model.norm.weight"),
        ("model.embed_tokens.weight", "model.language_model.embed_tokens.weight"),
        ("embedding_list.2.weight", "model.embedding_list.2.weight"),
        ("model.embedding_list.2.weight", "model.embedding_list.2.weight"),
        ("language_model.norm.weight", "model.language_model.norm.weight"),
        ("model.language_model.norm.weight", "model.language_model.norm.weight"),
        ("lm_head.weight", "lm_heads.0.weight"),
    ])
    func knowsALanguageModelsOtherNames(stored: String, canonical: String) throws {
        let tensors = try TensorAliases.languageModel(source([(stored, [2])]))
        #expect(tensors.names == [canonical])
        let tensor = try tensors.tensor(canonical)
        #expect(tensor.name == canonical)
        #expect(try tensor.floats() == [1, 2])
    }

    @Test(arguments: [
        ("semantic_encoder.layers.0.mlp.fc1.weight", "semantic_encoder.layers.0.fc1.weight"),
        ("acoustic_decoder.layers.0.mlp.fc2.bias", "acoustic_decoder.layers.0.fc2.bias"),
        ("quantizer.input_proj.parametrizations.weight.original0", "quantizer.input_proj.weight_g"),
        ("quantizer.input_proj.parametrizations.weight.original1", "quantizer.input_proj.weight_v"),
        ("post_rvq_adapter.positional_embedding.weight", "post_rvq_adapter.positional_embedding"),
        ("codec_model.upsample.up_conv.weight", "upsample.up_conv.weight"),
        ("codec_model.acoustic_encoder.layers.1.mlp.fc1.bias", "acoustic_encoder.layers.1.fc1.bias"),
        ("upsample.up_conv.weight", "upsample.up_conv.weight"),
    ])
    func knowsACodecsOtherNames(stored: String, canonical: String) throws {
        let tensors = try TensorAliases.codec(source([(stored, [2])]))
        #expect(tensors.names == [canonical])
        #expect(try tensors.tensor(canonical).floats() == [1, 2])
    }

    @Test func givesAFlagItsDimension() throws {
        let tensors = try TensorAliases.codec(source([("quantizer.quantizers.0.inited", [])]))
        #expect(tensors.layout("quantizer.quantizers.0.inited")?.shape == [1])
        #expect(try tensors.tensor("quantizer.quantizers.0.inited").shape == [1])
    }

    @Test func refusesATensorUnderTwoNames() throws {
        let both = try source([("model.norm.weight", [2]), ("model.language_model.norm.weight", [2])])
        let error = try #require(throws: CheckpointError.self) { try TensorAliases.languageModel(both) }
        #expect(error.kind == .duplicate)
        #expect(error.subject == "model.language_model.norm.weight")
    }
}
