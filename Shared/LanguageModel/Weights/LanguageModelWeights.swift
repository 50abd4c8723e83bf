internal import Checkpoint
internal import Compute

/// The weights of a Qwen3 with one embedding per channel, where the checkpoint has them.
///
/// Matrices in f32 and bf16 are used in place, in the mapped file; other types are widened to f32 once. The heads are
/// the embeddings: the reference ties them whatever file and configuration say (golden/README.md, L2).
struct LanguageModelWeights: Sendable {
    struct Layer: Sendable {
        /// `[hidden]` each.
        let attentionNorm, feedForwardNorm: AlignedFloats
        /// `[headSize]` each: learned norms of every query and key head, before the rotation.
        let queryNorm, keyNorm: AlignedFloats
        /// `[heads * headSize, hidden]`; key and value `[keyValueHeads * headSize, hidden]`.
        let query, key, value: WeightMatrix
        /// `[hidden, heads * headSize]`.
        let output: WeightMatrix
        /// `[intermediate, hidden]`.
        let gate, up: WeightMatrix
        /// `[hidden, intermediate]`.
        let down: WeightMatrix
    }

    /// One per channel, `[vocabulary, hidden]`; the heads as well.
    let embeddings: [WeightMatrix]
    let layers: [Layer]
    /// `[hidden]`.
    let finalNorm: AlignedFloats

    init(_ source: any TensorSource, _ configuration: LanguageModelConfiguration) throws(CheckpointError) {
        let hidden = configuration.hiddenSize
        let head = configuration.headSize
        let queries = configuration.attentionHeads * head
        let keys = configuration.keyValueHeads * head
        let inner = configuration.intermediateSize

        func matrix(_ name: String, _ outputs: Int, _ inputs: Int) throws(CheckpointError) -> WeightMatrix {
            try WeightMatrix(source.requireTensor(name, shape: [outputs, inputs]))
        }
        func vector(_ name: String, _ count: Int) throws(CheckpointError) -> AlignedFloats {
            AlignedFloats(copying: try source.requireFloats(name, shape: [count]))
        }

        var embeddings: [WeightMatrix] = []
        for channel in 0..<configuration.channels {
            embeddings.append(
                try matrix(
                    "model.embedding_list.\(channel).weight", configuration.vocabulary(of: channel), hidden))
        }
        var layers: [Layer] = []
        for index in 0..<configuration.layers {
            let prefix = "model.language_model.layers.\(index)."
            layers.append(
                Layer(
                    attentionNorm: try vector(prefix + "input_layernorm.weight", hidden),
                    feedForwardNorm: try vector(prefix + "post_attention_layernorm.weight", hidden),
                    queryNorm: try vector(prefix + "self_attn.q_norm.weight", head),
                    keyNorm: try vector(prefix + "self_attn.k_norm.weight", head),
                    query: try matrix(prefix + "self_attn.q_proj.weight", queries, hidden),
                    key: try matrix(prefix + "self_attn.k_proj.weight", keys, hidden),
                    value: try matrix(prefix + "self_attn.v_proj.weight", keys, hidden),
                    output: try matrix(prefix + "self_attn.o_proj.weight", hidden, queries),
                    gate: try matrix(prefix + "mlp.gate_proj.weight", inner, hidden),
                    up: try matrix(prefix + "mlp.up_proj.weight", inner, hidden),
                    down: try matrix(prefix + "mlp.down_proj.weight", hidden, inner)))
        }
        self.embeddings = embeddings
        self.layers = layers
        finalNorm = try vector("model.language_model.norm.weight", hidden)
    }
}

extension LanguageModelConfiguration {
    /// Ids of a channel.
    func vocabulary(of channel: Int) -> Int { channel == 0 ? vocabularySize : speechVocabularySize }
}

extension WeightMatrix {
    /// The tensor's elements, in place where they are f32 or bf16.
    ///
    /// The pointer stays valid because the matrix owns the tensor, whose bytes stay mapped as long as it lives.
    init(_ tensor: StoredTensor) throws(CheckpointError) {
        let (outputs, inputs) = (tensor.shape[0], tensor.shape[1])
        let start = tensor.withBytes(\.baseAddress)
        switch (tensor.scalarType, start) {
        case (.float32, let start?) where Int(bitPattern: start) % 4 == 0:
            self.init(
                outputs: outputs, inputs: inputs, float32: start.assumingMemoryBound(to: Float.self), owner: tensor)
        case (.bfloat16, let start?) where Int(bitPattern: start) % 2 == 0:
            self.init(
                outputs: outputs, inputs: inputs, bfloat16: start.assumingMemoryBound(to: UInt16.self), owner: tensor)
        default:
            self.init(outputs: outputs, inputs: inputs, copying: try tensor.floats())
        }
    }
}

extension AlignedFloats {
    convenience init(copying floats: [Float]) {
        self.init(count: floats.count)
        _ = buffer.update(from: floats)
    }
}
