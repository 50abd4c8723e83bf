internal import Checkpoint

/// The dense layers of a model by their tensors.
enum LanguageModelMatrices {
    struct Matrix {
        let name: String
        let outputs: Int
        let inputs: Int
    }

    struct Layer {
        let query, key, value, output, gate, up, down: Matrix

        init(_ index: Int, _ configuration: LanguageModelConfiguration) {
            let hidden = configuration.hiddenSize
            let queries = configuration.attentionHeads * configuration.headSize
            let keys = configuration.keyValueHeads * configuration.headSize
            let inner = configuration.intermediateSize
            func matrix(_ name: String, _ outputs: Int, _ inputs: Int) -> Matrix {
                Matrix(name: prefix(ofLayer: index) + name, outputs: outputs, inputs: inputs)
            }
            query = matrix("self_attn.q_proj.weight", queries, hidden)
            key = matrix("self_attn.k_proj.weight", keys, hidden)
            value = matrix("self_attn.v_proj.weight", keys, hidden)
            output = matrix("self_attn.o_proj.weight", hidden, queries)
            gate = matrix("mlp.gate_proj.weight", inner, hidden)
            up = matrix("mlp.up_proj.weight", inner, hidden)
            down = matrix("mlp.down_proj.weight", hidden, inner)
        }

        /// In the order in which a step reads them.
        var all: [Matrix] { [query, key, value, output, gate, up, down] }
    }

    static func prefix(ofLayer index: Int) -> String { "model.language_model.layers.\(index)." }

    static func head(_ channel: Int, _ configuration: LanguageModelConfiguration) -> Matrix {
        Matrix(
            name: "model.embedding_list.\(channel).weight", outputs: configuration.vocabulary(of: channel),
            inputs: configuration.hiddenSize)
    }
}
