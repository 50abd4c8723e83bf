public import Checkpoint
public import Compute
internal import Synchronization

/// How far packed weights are from those that they were made of, by kind of matrix and by bits.
public struct RoundingErrors: Sendable {
    public struct Kind: Sendable {
        /// `q_proj`, or `head of channel 0`.
        public let name: String
        public let matrices: Int
        public let bits: Int
        /// Length of what rounding adds, over the length of the weights, as vectors.
        public let relativeError: Double
    }

    /// In the order in which a step meets them first.
    public let kinds: [Kind]

    /// Rows of a matrix that are compared, evenly spread: enough for three digits.
    private static let rowsMax = 256

    /// - Throws: `CheckpointError` for tensors that cannot be read.
    public init(
        _ packed: any PackedWeights, _ source: any TensorSource, _ configuration: LanguageModelConfiguration,
        _ precision: WeightPrecision, pool: WorkerPool
    ) throws(CheckpointError) {
        struct Key: Hashable {
            let name: String
            let bits: Int
        }
        var keys: [Key] = []
        var sums: [Key: (matrices: Int, error: Double, weights: Double)] = [:]
        for part in precision.packedMatrices(configuration) {
            let key = Key(name: Self.kind(of: part.tensor), bits: part.layout.bits.rawValue)
            let tensor = try source.requireTensor(part.tensor, shape: part.shape)
            let found = Self.squares(try packed.matrix(part), try WeightMatrix(tensor), part, pool)
            tensor.release(0..<tensor.byteCount)
            if sums[key] == nil { keys.append(key) }
            var sum = sums[key] ?? (0, 0, 0)
            sum.matrices += 1
            sum.error += found.error
            sum.weights += found.weights
            sums[key] = sum
        }
        kinds = keys.compactMap { key in
            sums[key].map {
                Kind(
                    name: key.name, matrices: $0.matrices, bits: key.bits,
                    relativeError: $0.weights > 0 ? ($0.error / $0.weights).squareRoot() : 0)
            }
        }
    }

    /// `model.language_model.layers.3.mlp.up_proj.weight` is of the kind `up_proj`.
    private static func kind(of name: String) -> String {
        let words = name.split(separator: ".")
        let last = words.dropLast().last.map(String.init) ?? name
        return Int(last) == nil ? last : "head of channel \(last)"
    }

    private static func squares(
        _ packed: PackedMatrix, _ weights: WeightMatrix, _ part: PackedPart, _ pool: WorkerPool
    ) -> (error: Double, weights: Double) {
        let step = max(1, part.outputs.count / rowsMax)
        let rows = Array(stride(from: 0, to: part.outputs.count, by: step))
        let sums = Mutex([(error: Double, weights: Double)](repeating: (0, 0), count: rows.count))
        pool.run(tasks: rows.count) { index in
            let rounded = packed.row(rows[index])
            let own = [Float](unsafeUninitializedCapacity: part.layout.inputs) { floats, count in
                if let base = floats.baseAddress {
                    weights.copyRow(part.outputs.lowerBound + rows[index], to: base)
                }
                count = part.layout.inputs
            }
            var sum = (error: 0.0, weights: 0.0)
            for (kept, given) in zip(rounded, own) {
                let apart = Double(kept) - Double(given)
                sum.error += apart * apart
                sum.weights += Double(given) * Double(given)
            }
            sums.withLock { $0[index] = sum }
        }
        // In order, so that the threads leave no trace.
        return sums.withLock { $0.reduce((0, 0)) { ($0.0 + $1.error, $0.1 + $1.weights) } }
    }
}
