/// Tensors by name: a file, several shards, or random numbers of the right sizes.
///
/// Whoever asks uses the canonical names of `LanguageModelTensors` and `CodecTensors`; what a file calls them otherwise
/// is settled in `TensorAliases`.
public protocol TensorSource: Sendable {
    /// Every name there is, sorted.
    var names: [String] { get }
    /// File or folder, for messages.
    var location: String { get }
    /// The tensor; an error that names it and the file when there is none, or when its bytes cannot be had.
    func tensor(_ name: String) throws(CheckpointError) -> StoredTensor
    func contains(_ name: String) -> Bool
    /// Shape and element type without touching the elements; nil when there is no such tensor.
    func layout(_ name: String) -> TensorLayout?
}

/// What a tensor looks like from outside.
public struct TensorLayout: Equatable, Sendable {
    public let shape: [Int]
    public let scalarType: ScalarType

    public init(shape: [Int], scalarType: ScalarType) {
        self.shape = shape
        self.scalarType = scalarType
    }
}

extension TensorSource {
    public func contains(_ name: String) -> Bool { layout(name) != nil }

    /// The tensor, if it has this shape and holds floating-point numbers.
    public func requireTensor(_ name: String, shape: [Int]) throws(CheckpointError) -> StoredTensor {
        let tensor = try tensor(name)
        guard tensor.shape == shape else {
            throw CheckpointError(
                .wrongShape, file: tensor.file, subject: name,
                "has shape \(tensor.shape); the configuration implies \(shape)",
                remedy: "configuration and weights must come from the same model")
        }
        guard tensor.scalarType.isFloatingPoint else {
            throw CheckpointError(
                .wrongType, file: tensor.file, subject: name, "holds \(tensor.scalarType), where weights are wanted")
        }
        return tensor
    }

    /// The elements as Float of a tensor of this shape.
    public func requireFloats(_ name: String, shape: [Int]) throws(CheckpointError) -> [Float] {
        try requireTensor(name, shape: shape).floats()
    }

    /// The type in which most of the numbers are stored; nil where there are none.
    public var precision: ScalarType? {
        var counts: [ScalarType: Int] = [:]
        for layout in names.compactMap(layout) where layout.scalarType.isFloatingPoint {
            counts[layout.scalarType, default: 0] += layout.shape.reduce(1, *)
        }
        return counts.max { ($0.value, $0.key.size) < ($1.value, $1.key.size) }?.key
    }

    /// Bytes of all tensors, as they are stored.
    public var byteCount: Int {
        names.compactMap(layout).reduce(0) { $0 + $1.shape.reduce($1.scalarType.size, *) }
    }

    func missing(_ name: String) -> CheckpointError {
        CheckpointError(.missing, file: location, subject: name, "there is no such tensor")
    }
}
