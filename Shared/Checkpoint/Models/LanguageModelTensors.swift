/// The tensors of a language model under their published names.
public enum LanguageModelTensors {
    /// Every tensor that a model of this configuration has or may have.
    ///
    /// The heads are tied to the embeddings by the reference whatever the file says, and `embed_tokens` is never used: both
    /// may be there and are not read.
    public static func expected(_ configuration: LanguageModelConfiguration) -> [ExpectedTensor] {
        let width = configuration.hiddenSize
        let inner = configuration.intermediateSize
        let query = configuration.attentionHeads * configuration.headSize
        let keyValue = configuration.keyValueHeads * configuration.headSize
        func vocabulary(_ channel: Int) -> Int {
            channel == 0 ? configuration.vocabularySize : configuration.speechVocabularySize
        }

        var tensors = (0..<configuration.channels).map {
            ExpectedTensor("model.embedding_list.\($0).weight", [vocabulary($0), width])
        }
        tensors.append(
            ExpectedTensor(
                "model.language_model.embed_tokens.weight", [configuration.vocabularySize, width], isRequired: false))
        for layer in 0..<configuration.layers {
            let prefix = "model.language_model.layers.\(layer)."
            tensors += [
                ExpectedTensor(prefix + "self_attn.q_proj.weight", [query, width]),
                ExpectedTensor(prefix + "self_attn.k_proj.weight", [keyValue, width]),
                ExpectedTensor(prefix + "self_attn.v_proj.weight", [keyValue, width]),
                ExpectedTensor(prefix + "self_attn.o_proj.weight", [width, query]),
                ExpectedTensor(prefix + "self_attn.q_norm.weight", [configuration.headSize]),
                ExpectedTensor(prefix + "self_attn.k_norm.weight", [configuration.headSize]),
                ExpectedTensor(prefix + "mlp.gate_proj.weight", [inner, width]),
                ExpectedTensor(prefix + "mlp.up_proj.weight", [inner, width]),
                ExpectedTensor(prefix + "mlp.down_proj.weight", [width, inner]),
                ExpectedTensor(prefix + "input_layernorm.weight", [width]),
                ExpectedTensor(prefix + "post_attention_layernorm.weight", [width]),
            ]
        }
        tensors.append(ExpectedTensor("model.language_model.norm.weight", [width]))
        tensors += (0..<configuration.channels).map {
            ExpectedTensor("lm_heads.\($0).weight", [vocabulary($0), width], isRequired: false)
        }
        return tensors
    }
}
