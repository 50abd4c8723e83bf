internal import Checkpoint
internal import Compute

/// (x − mean) / √(variance + ε) · weight + bias on every row.
struct LayerNorm {
    let weight: Matrix
    let bias: Matrix
    let epsilon: Float

    init(_ weights: CodecWeights, _ name: String, width: Int, epsilon: Float = 1e-5) throws(CheckpointError) {
        weight = try weights.row("\(name).weight", count: width)
        bias = try weights.row("\(name).bias", count: width)
        self.epsilon = epsilon
    }

    /// `y` may be `x`.
    func apply(_ x: Matrix, into y: Matrix) {
        y.assignLayerNorm(of: x, weight: weight, bias: bias, epsilon: epsilon)
    }
}
