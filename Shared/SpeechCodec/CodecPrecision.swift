internal import Compute

/// In what numbers a part of the codec multiplies. Everything between products is float32.
public enum CodecPrecision: String, CaseIterable, Sendable {
    /// As the original: the reference, which the golden vectors hold.
    case f32
    /// Weights and what meets them rounded to bf16: half the memory.
    case bf16
    /// Dense layers in int8, the rest in bf16.
    case int8

    /// For dense layers; nil for float32.
    var dense: ProductWeights.Precision? {
        switch self {
        case .f32: nil
        case .bf16: .bf16
        case .int8: .int8
        }
    }
}
