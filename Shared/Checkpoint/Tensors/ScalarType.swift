/// The type of a stored tensor's elements; little-endian in every file that is read.
public enum ScalarType: String, Sendable, CaseIterable {
    case float32, float16, bfloat16, float64, int64, int32, int16, int8, uint8, bool

    /// Bytes of one element.
    public var size: Int {
        switch self {
        case .float64, .int64: 8
        case .float32, .int32: 4
        case .float16, .bfloat16, .int16: 2
        case .int8, .uint8, .bool: 1
        }
    }

    /// As people write it: `bf16`.
    public var shortName: String {
        switch self {
        case .float64: "f64"
        case .float32: "f32"
        case .float16: "f16"
        case .bfloat16: "bf16"
        case .int64, .int32, .int16, .int8, .uint8, .bool: rawValue
        }
    }

    /// True for the types that weights come in.
    public var isFloatingPoint: Bool {
        switch self {
        case .float32, .float16, .bfloat16, .float64: true
        case .int64, .int32, .int16, .int8, .uint8, .bool: false
        }
    }
}
