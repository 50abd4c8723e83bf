internal import Checkpoint
internal import Compute

/// A transposed convolution along the rows: y[t · stride + k] += W_k x[t], then the bias.
///
/// Rows of y with the same remainder modulo the stride use the same taps, so each remainder is a plain convolution whose
/// products write to every `stride`-th row of y.
struct TransposedConvolution {
    private enum Form {
        /// `[inputs, outputs]` each.
        case plain([Matrix])
        /// All remainders at once: `stride` rows of y are one row of the product, rows of x from the oldest on its inputs.
        case packed(ProductWeights)
    }

    private let form: Form
    /// One row of `outputs`; `stride` of them beside each other in the packed form.
    private let bias: Matrix?
    let taps: Int
    let stride: Int

    /// Rows of x that a row of y depends on at most.
    private var reach: Int { (taps + stride - 1) / stride }

    init(
        _ weights: CodecWeights, _ name: String, outputs: Int, inputs: Int, taps: Int, stride: Int, bias: Bool = true
    ) throws(CheckpointError) {
        let stored = try weights.transposedTaps("\(name).weight", outputs: outputs, inputs: inputs, taps: taps)
        let row = bias ? try weights.row("\(name).bias", count: outputs) : nil
        self.taps = taps
        self.stride = stride
        guard weights.precision != .f32 else {
            form = .plain(stored.map { $0.transposed() })
            self.bias = row
            return
        }
        let reach = (taps + stride - 1) / stride
        let joined = Matrix(rows: stride * outputs, columns: reach * inputs)
        for (tap, part) in stored.enumerated() {
            let (delay, remainder) = (tap / stride, tap % stride)
            let place = reach - 1 - delay
            joined.rows(remainder * outputs..<(remainder + 1) * outputs)
                .columns(place * inputs..<(place + 1) * inputs).assign(part)
        }
        form = .packed(ProductWeights(joined, precision: .bf16))
        self.bias = row.map { row in
            CodecWeights.gathered(1, stride * outputs) { row[0, $1 % outputs] }
        }
    }

    /// Rows of the whole result.
    func outputRows(for rows: Int) -> Int { rows == 0 ? 0 : (rows - 1) * stride + taps }

    /// `y` becomes the first `y.rows` rows of the result.
    ///
    /// - Precondition: `y` is contiguous, has a multiple of `stride` of rows, and no more than the result.
    func apply(_ x: Matrix, into y: Matrix, pool: WorkerPool) {
        precondition(
            y.rows <= outputRows(for: x.rows) && y.rows % stride == 0, "\(y.rows) rows of \(outputRows(for: x.rows))")
        let groups = y.rows / stride
        switch form {
        case .plain(let weights):
            pool.runRows(0..<groups) { apply(weights, x, into: y, block: $0) }
        case .packed(let weight):
            let framed = ProductRows(
                framing: x.rows(0..<min(x.rows, groups)), before: reach - 1, after: max(0, groups - x.rows), pool: pool)
            let windows = framed.windows(count: groups, step: 1, length: reach)
            let joined = y.reshaped(rows: groups, columns: stride * y.columns)
            pool.runRows(0..<groups) { weight.multiply(windows.rows($0), into: joined.rows($0), bias: bias) }
        }
    }

    private func apply(_ weights: [Matrix], _ x: Matrix, into y: Matrix, block: Range<Int>) {
        let start = bias ?? Matrix(rows: 1, columns: y.columns)
        for remainder in 0..<stride {
            // y[group * stride + remainder] for the groups of this block.
            func outputs(_ groups: Range<Int>) -> Matrix {
                y.rows(from: groups.lowerBound * stride + remainder, step: stride, count: groups.count)
            }
            outputs(block).fill(rows: start)
            for (delay, tap) in Swift.stride(from: remainder, to: taps, by: stride).enumerated() {
                let groups = max(block.lowerBound, delay)..<max(delay, min(block.upperBound, x.rows + delay))
                guard groups.lowerBound < groups.upperBound else { continue }
                outputs(groups).add(
                    x.rows(groups.lowerBound - delay..<groups.upperBound - delay), times: weights[tap])
            }
        }
    }
}
