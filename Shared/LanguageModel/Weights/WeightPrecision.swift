public import Checkpoint
public import Compute

/// In how many bits the dense layers' weights are kept. Packed or not, embeddings and norms stay as they are stored.
public enum WeightPrecision: String, CaseIterable, Sendable {
    /// As the checkpoint has them: f32 or bf16.
    case stored
    /// bf16, embeddings too: a checkpoint in f32 or f16 is rounded when it is loaded, one in bf16 stays as it is stored.
    case bf16
    /// 8.25 bits a weight.
    case int8
    /// 4.25 bits a weight; 8.25 in the heads and in the first and the last layer, where rounding costs most.
    case int4

    /// For people and peers: `int4`, `bf16`; of weights that are used as they are stored, what most of those are.
    public func name(storedAs type: ScalarType?) -> String {
        self == .stored ? type?.shortName ?? "" : rawValue
    }

    /// The matrices that are packed, by their tensors' names, and how; empty for `stored` and `bf16`.
    ///
    /// The heads are the embeddings' tensors, packed a second time: a step reads every head whole, but a few rows of the
    /// embeddings.
    public func packedMatrices(_ configuration: LanguageModelConfiguration) -> [(name: String, layout: PackedLayout)] {
        guard let bits else { return [] }
        func packed(_ matrix: LanguageModelMatrices.Matrix, _ bits: PackedLayout.Bits) -> (String, PackedLayout) {
            (matrix.name, PackedLayout(bits: bits, outputs: matrix.outputs, inputs: matrix.inputs))
        }
        return (0..<configuration.layers).flatMap { index in
            let isOuter = index == 0 || index == configuration.layers - 1
            return LanguageModelMatrices.Layer(index, configuration).all.map { packed($0, isOuter ? .eight : bits) }
        }
            + (0..<configuration.channels).map { packed(LanguageModelMatrices.head($0, configuration), .eight) }
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
