internal import Checkpoint
internal import Compute

/// A convolution along the rows, as one matrix product per tap on shifted rows: nothing is copied into columns.
///
/// y[t] = b + Σ_k W_k x[t · stride + k − padding]; rows outside x count as zero.
struct Convolution {
    /// `[inputs, outputs]` each.
    let taps: [Matrix]
    let bias: Matrix
    let stride: Int
    let padding: Int

    init(_ weights: CodecWeights, _ name: String, outputs: Int, inputs: Int, taps: Int, stride: Int = 1)
        throws(CheckpointError)
    {
        self.taps = try weights.taps("\(name).weight", outputs: outputs, inputs: inputs, taps: taps)
        bias = try weights.row("\(name).bias", count: outputs)
        self.stride = stride
        padding = (taps - 1) / 2
    }

    var outputs: Int { bias.columns }

    /// Rows of x that the first `rows` rows of y look at, as far as there are any.
    func inputRows(for rows: Int) -> Int { rows == 0 ? 0 : (rows - 1) * stride + taps.count - padding }

    /// `y` becomes the first `y.rows` rows of the convolution of `x`.
    func apply(_ x: Matrix, into y: Matrix, pool: WorkerPool) {
        pool.runRows(0..<y.rows) { block in
            y.rows(block).fill(rows: bias)
            for (tap, weight) in taps.enumerated() {
                // Rows t of the block with 0 <= t * stride + shift < x.rows.
                let shift = tap - padding
                let first = max(block.lowerBound, shift < 0 ? (-shift + stride - 1) / stride : 0)
                let end = min(block.upperBound, x.rows <= shift ? 0 : (x.rows - shift + stride - 1) / stride)
                guard first < end else { continue }
                let rows = x.rows(from: first * stride + shift, step: stride, count: end - first)
                y.rows(first..<end).add(rows, times: weight)
            }
        }
    }
}
