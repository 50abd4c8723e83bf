internal import Checkpoint
internal import Compute

/// A transposed convolution along the rows: y[t · stride + k] += W_k x[t], then the bias.
///
/// Rows of y with the same remainder modulo the stride use the same taps, so each remainder is a plain convolution whose
/// products write to every `stride`-th row of y.
struct TransposedConvolution {
    /// `[inputs, outputs]` each.
    let taps: [Matrix]
    let bias: Matrix?
    let stride: Int

    init(
        _ weights: CodecWeights, _ name: String, outputs: Int, inputs: Int, taps: Int, stride: Int, bias: Bool = true
    ) throws(CheckpointError) {
        self.taps = try weights.transposedTaps("\(name).weight", outputs: outputs, inputs: inputs, taps: taps)
        self.bias = bias ? try weights.row("\(name).bias", count: outputs) : nil
        self.stride = stride
    }

    /// Rows of the whole result.
    func outputRows(for rows: Int) -> Int { rows == 0 ? 0 : (rows - 1) * stride + taps.count }

    /// `y` becomes the first `y.rows` rows of the result.
    ///
    /// - Precondition: `y` has no more rows than the result.
    func apply(_ x: Matrix, into y: Matrix, pool: WorkerPool) {
        precondition(y.rows <= outputRows(for: x.rows), "\(y.rows) rows of \(outputRows(for: x.rows))")
        let groups = (y.rows + stride - 1) / stride
        let start = bias ?? Matrix(rows: 1, columns: y.columns)
        pool.runRows(0..<groups) { block in
            for remainder in 0..<stride {
                // y[group * stride + remainder] for the groups of this block that y has.
                let end = min(block.upperBound, (y.rows - remainder + stride - 1) / stride)
                guard block.lowerBound < end else { continue }
                func outputs(_ groups: Range<Int>) -> Matrix {
                    y.rows(from: groups.lowerBound * stride + remainder, step: stride, count: groups.count)
                }
                outputs(block.lowerBound..<end).fill(rows: start)
                for (delay, tap) in Swift.stride(from: remainder, to: taps.count, by: stride).enumerated() {
                    let groups = max(block.lowerBound, delay)..<max(delay, min(end, x.rows + delay))
                    guard groups.lowerBound < groups.upperBound else { continue }
                    outputs(groups).add(
                        x.rows(groups.lowerBound - delay..<groups.upperBound - delay), times: taps[tap])
                }
            }
        }
    }
}
