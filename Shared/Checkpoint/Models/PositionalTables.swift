import Glibc

/// A codec's tensors, with the positional tables computed that its file leaves out.
///
/// The published checkpoints store them, and what is stored is used; a port that treats them as constants does not. Row p
/// holds the sines of p · 10000^(-i / (half - 1)) for i in 0..<half and then the cosines, in float32, half being half the width.
struct PositionalTables: TensorSource {
    private let base: any TensorSource
    private let shapes: [String: [Int]]
    let names: [String]

    var location: String { base.location }

    init(completing base: any TensorSource, _ configuration: CodecConfiguration) {
        var shapes: [String: [Int]] = [:]
        for tensor in CodecTensors.expected(configuration)
        where tensor.name.hasSuffix(".positional_embedding") && !base.contains(tensor.name) {
            // Only an even width of at least 4 has the formula.
            if tensor.shape[1] % 2 == 0 && tensor.shape[1] >= 4 { shapes[tensor.name] = tensor.shape }
        }
        self.base = base
        self.shapes = shapes
        names = (base.names + shapes.keys).sorted()
    }

    func layout(_ name: String) -> TensorLayout? {
        shapes[name].map { TensorLayout(shape: $0, scalarType: .float32) } ?? base.layout(name)
    }

    func tensor(_ name: String) throws(CheckpointError) -> StoredTensor {
        guard let shape = shapes[name] else { return try base.tensor(name) }
        return StoredTensor(name: name, shape: shape, floats: Self.table(positions: shape[0], width: shape[1]))
    }

    private static func table(positions: Int, width: Int) -> [Float] {
        let half = width / 2
        let step = logf(10_000) / Float(half - 1)
        let rates = (0..<half).map { expf(-step * Float($0)) }
        return (0..<positions).flatMap { position in
            let angles = rates.map { Float(position) * $0 }
            return angles.map { sinf($0) } + angles.map { cosf($0) }
        }
    }
}
