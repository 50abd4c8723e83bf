public import Checkpoint
internal import Compute

/// In how many bits the dense layers' weights are kept. Packed or not, embeddings and norms stay as they are stored.
public enum WeightPrecision: String, CaseIterable, Sendable {
    /// As the checkpoint has them: f32 or bf16.
    case stored
    /// bf16, embeddings too: a checkpoint in f32 or f16 is rounded when it is loaded, one in bf16 stays as it is stored.
    case bf16
    /// 8.25 bits a weight.
    case int8
    /// 4.25 bits a weight; 8.25 in the heads of the ids of speech and in the first and the last layer, where rounding costs
    /// most.
    case int4

    /// For people and peers: `int4`, `bf16`; of weights that are used as they are stored, what most of those are.
    public func name(storedAs type: ScalarType?) -> String {
        self == .stored ? type?.shortName ?? "" : rawValue
    }

    /// The matrices that are packed, and how, in the order in which a step reads them; empty for `stored` and `bf16`.
    ///
    /// The heads are the embeddings' tensors, packed a second time: a step reads every head whole, but a few rows of the
    /// embeddings. Of channel 0, `int4` keeps in 4 bits what stands before the ids of speech, which is text: it only says
    /// when speech ends, and is more than a quarter of the bytes of a step.
    public func packedMatrices(_ configuration: LanguageModelConfiguration) -> [PackedPart] {
        guard let bits else { return [] }
        return (0..<configuration.layers).flatMap { index in
            let isOuter = index == 0 || index == configuration.layers - 1
            return LanguageModelMatrices.Layer(index, configuration).all.map { PackedPart($0, isOuter ? .eight : bits) }
        } + (0..<configuration.channels).flatMap { packedHead($0, bits, configuration) }
    }

    private func packedHead(
        _ channel: Int, _ bits: PackedLayout.Bits, _ configuration: LanguageModelConfiguration
    ) -> [PackedPart] {
        let head = LanguageModelMatrices.head(channel, configuration)
        let alignment = CPUDevice.Layer.outputAlignment
        let text = channel == 0 ? configuration.speechTokenRange.lowerBound / alignment * alignment : 0
        guard bits == .four, text > 0, text < head.outputs else { return [PackedPart(head, .eight)] }
        return [PackedPart(head, bits, outputs: 0..<text), PackedPart(head, .eight, outputs: text..<head.outputs)]
    }

    /// Whether matrices are packed.
    public var isPacked: Bool { bits != nil }

    private var bits: PackedLayout.Bits? {
        switch self {
        case .stored, .bf16: nil
        case .int8: .eight
        case .int4: .four
        }
    }
}
