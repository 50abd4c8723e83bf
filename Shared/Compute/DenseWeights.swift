/// The weights of a dense layer without bias, in whatever form they are.
public enum DenseWeights: Sendable {
    case plain(WeightMatrix)
    case packed(PackedMatrix)

    public var outputs: Int {
        switch self {
        case .plain(let weights): weights.outputs
        case .packed(let weights): weights.layout.outputs
        }
    }

    public var inputs: Int {
        switch self {
        case .plain(let weights): weights.inputs
        case .packed(let weights): weights.layout.inputs
        }
    }

    /// Bytes that a decode step reads.
    public var byteCount: Int {
        switch self {
        case .plain(let weights): weights.byteCount
        case .packed(let weights): weights.layout.byteCount
        }
    }

    /// Where they lie, as long as this value lives.
    var bytes: UnsafeRawBufferPointer {
        switch self {
        case .plain(let weights):
            switch weights.elements {
            case .float32(let floats): UnsafeRawBufferPointer(start: floats, count: byteCount)
            case .bfloat16(let bits): UnsafeRawBufferPointer(start: bits, count: byteCount)
            }
        case .packed(let weights): UnsafeRawBufferPointer(start: weights.bytes, count: byteCount)
        }
    }

    var isPacked: Bool {
        if case .packed = self { true } else { false }
    }
}
