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
        let query, key, value: DenseWeights
        /// `[hidden, heads * headSize]`.
        let output: DenseWeights
        /// `[intermediate, hidden]`.
        let gate, up: DenseWeights
        /// `[hidden, intermediate]`.
        let down: DenseWeights
    }

    /// A channel's head, or some of its outputs.
    struct HeadPart {
        let channel: Int
        /// The output that its first one is.
        let first: Int
        let weights: DenseWeights
    }

    /// One per channel, `[vocabulary, hidden]`.
    let embeddings: [WeightMatrix]
    /// The same matrices, packed where the layers are, by channel, each from its first output on.
    let heads: [HeadPart]
    let layers: [Layer]
    /// `[hidden]`.
    let finalNorm: AlignedFloats

    /// - Parameter packed: Where the matrices of `precision.packedMatrices` come from.
    init(
        _ source: any TensorSource, _ configuration: LanguageModelConfiguration, _ precision: WeightPrecision,
        packed: any PackedWeights
    ) throws(CheckpointError) {
        let parts = Dictionary(grouping: precision.packedMatrices(configuration), by: \.tensor)
        func plain(_ matrix: LanguageModelMatrices.Matrix) throws(CheckpointError) -> WeightMatrix {
            let weights = try WeightMatrix(source.requireTensor(matrix.name, shape: [matrix.outputs, matrix.inputs]))
            return precision == .bf16 ? weights.narrowed() : weights
        }
        func matrix(_ matrix: LanguageModelMatrices.Matrix) throws(CheckpointError) -> DenseWeights {
            if let part = parts[matrix.name]?.first { return .packed(try packed.matrix(part)) }
            return .plain(try plain(matrix))
        }
        func vector(_ name: String, _ count: Int) throws(CheckpointError) -> AlignedFloats {
            AlignedFloats(copying: try source.requireFloats(name, shape: [count]))
        }

        var embeddings: [WeightMatrix] = []
        var heads: [HeadPart] = []
        for channel in 0..<configuration.channels {
            let head = LanguageModelMatrices.head(channel, configuration)
            embeddings.append(try plain(head))
            guard let packedParts = parts[head.name] else {
                heads.append(HeadPart(channel: channel, first: 0, weights: .plain(embeddings[channel])))
                continue
            }
            for part in packedParts {
                heads.append(
                    HeadPart(
                        channel: channel, first: part.outputs.lowerBound, weights: .packed(try packed.matrix(part))))
            }
        }
        var layers: [Layer] = []
        for index in 0..<configuration.layers {
            let prefix = LanguageModelMatrices.prefix(ofLayer: index)
            let matrices = LanguageModelMatrices.Layer(index, configuration)
            layers.append(
                Layer(
                    attentionNorm: try vector(prefix + "input_layernorm.weight", configuration.hiddenSize),
                    feedForwardNorm: try vector(prefix + "post_attention_layernorm.weight", configuration.hiddenSize),
                    queryNorm: try vector(prefix + "self_attn.q_norm.weight", configuration.headSize),
                    keyNorm: try vector(prefix + "self_attn.k_norm.weight", configuration.headSize),
                    query: try matrix(matrices.query), key: try matrix(matrices.key),
                    value: try matrix(matrices.value), output: try matrix(matrices.output),
                    gate: try matrix(matrices.gate), up: try matrix(matrices.up), down: try matrix(matrices.down)))
        }
        self.embeddings = embeddings
        self.heads = heads
        self.layers = layers
        finalNorm = try vector("model.language_model.norm.weight", configuration.hiddenSize)
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
