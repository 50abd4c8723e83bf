internal import Checkpoint
internal import Compute

/// A convolution along the rows: nothing is copied into columns.
///
/// y[t] = b + Σ_k W_k x[t · stride + k − padding]; rows outside x count as zero.
struct Convolution {
    private enum Form {
        /// One matrix product per tap on shifted rows; `[inputs, outputs]` each.
        case plain([Matrix])
        /// One product in all: what a row of y sees are rows of x side by side.
        case packed(ProductWeights)
    }

    private let form: Form
    private let bias: Matrix
    private let taps: Int
    private let stride: Int
    private let padding: Int

    init(_ weights: CodecWeights, _ name: String, outputs: Int, inputs: Int, taps: Int, stride: Int = 1)
        throws(CheckpointError)
    {
        let stored = try weights.taps("\(name).weight", outputs: outputs, inputs: inputs, taps: taps)
        if weights.precision == .f32 {
            form = .plain(stored.map { $0.transposed() })
        } else {
            let joined = Matrix(rows: outputs, columns: taps * inputs)
            for (tap, part) in stored.enumerated() {
                joined.columns(tap * inputs..<(tap + 1) * inputs).assign(part)
            }
            form = .packed(ProductWeights(joined, precision: .bf16))
        }
        bias = try weights.row("\(name).bias", count: outputs)
        self.taps = taps
        self.stride = stride
        padding = (taps - 1) / 2
    }

    var outputs: Int { bias.columns }

    /// Rows of x that the first `rows` rows of y look at, as far as there are any.
    func inputRows(for rows: Int) -> Int { rows == 0 ? 0 : (rows - 1) * stride + taps - padding }

    /// `y` becomes the first `y.rows` rows of the convolution of `x`.
    func apply(_ x: Matrix, into y: Matrix, pool: WorkerPool) {
        switch form {
        case .plain(let weights):
            pool.runRows(0..<y.rows) { apply(weights, x, into: y, block: $0) }
        case .packed(let weight):
            let needed = min(x.rows, inputRows(for: y.rows))
            let framed = ProductRows(framing: x.rows(0..<needed), before: padding, after: taps, pool: pool)
            let windows = framed.windows(count: y.rows, step: stride, length: taps)
            pool.runRows(0..<y.rows) { weight.multiply(windows.rows($0), into: y.rows($0), bias: bias) }
        }
    }

    private func apply(_ weights: [Matrix], _ x: Matrix, into y: Matrix, block: Range<Int>) {
        y.rows(block).fill(rows: bias)
        for (tap, weight) in weights.enumerated() {
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

extension ProductRows {
    /// The rows of `x` side by side, in bf16, with rows of zeros before and after them.
    init(framing x: Matrix, before: Int, after: Int, pool: WorkerPool) {
        self.init(rows: before + x.rows + after, columns: x.columns, isDense: true)
        let inner = rows(before..<before + x.rows)
        pool.runRows(0..<x.rows) { inner.rows($0).assign(x.rows($0)) }
    }
}
