internal import Checkpoint
internal import Compute

/// y = W x + b on every row.
struct Linear {
    /// What a product needs of the weight.
    enum Form {
        /// `[inputs, outputs]`, the transpose of what is stored: products with it run a tenth faster.
        case plain(Matrix)
        /// `[outputs, inputs]`, for what stays float32 in every precision: by kernels of our own.
        case exact(WeightMatrix)
        case packed(ProductWeights)
    }

    let form: Form
    /// One row of `outputs`.
    let bias: Matrix?
    let outputs: Int
    let inputs: Int

    /// - Parameter stored: `[outputs, inputs]`.
    init(stored: Matrix, bias: Matrix?, precision: CodecPrecision) {
        outputs = stored.rows
        inputs = stored.columns
        self.bias = bias
        form = precision.dense.map { .packed(ProductWeights(stored, precision: $0)) } ?? .plain(stored.transposed())
    }

    /// A layer in float32 whatever the precision.
    ///
    /// - Parameter exact: `[outputs, inputs]`.
    init(exact: Matrix, bias: Matrix) {
        outputs = exact.rows
        inputs = exact.columns
        self.bias = bias
        form = .exact(exact.weights)
    }

    /// - Parameter scale: Names a row of factors for the outputs, bias included.
    init(
        _ weights: CodecWeights, _ name: String, outputs: Int, inputs: Int, bias: Bool = true, scale: String? = nil
    ) throws(CheckpointError) {
        let stored = try weights.matrix("\(name).weight", rows: outputs, columns: inputs)
        let bias = bias ? try weights.row("\(name).bias", count: outputs) : nil
        if let scale {
            let factors = try weights.row(scale, count: outputs)
            stored.scaleRows(by: factors)
            bias?.withRow(0) { values in
                for output in values.indices { values[output] *= factors[0, output] }
            }
        }
        self.init(stored: stored, bias: bias, precision: weights.precision)
    }

    /// `y` `[rows, outputs]` becomes the layer's value of `x` `[rows, inputs]`.
    func apply(_ x: Matrix, into y: Matrix, scratch: ScratchMatrices) {
        switch form {
        case .packed(let weight):
            scratch.with(packed: weight.precision, rows: x.rows, columns: inputs) { rows in
                rows.assign(x)
                weight.multiply(rows, into: y, bias: bias)
            }
        case .exact(let weight):
            y.assign(x, timesTransposed: weight)
            if let bias { y.add(bias) }
        case .plain(let weight):
            if let bias {
                y.fill(rows: bias)
                y.add(x, times: weight)
            } else {
                y.assign(x, times: weight)
            }
        }
    }

    /// The layer's value of `x` is added to `y`.
    func add(_ x: Matrix, to y: Matrix, scratch: ScratchMatrices) {
        switch form {
        case .packed(let weight):
            scratch.with(packed: weight.precision, rows: x.rows, columns: inputs) { rows in
                rows.assign(x)
                weight.multiply(rows, into: y, bias: bias, addend: y)
            }
        case .exact(let weight):
            scratch.with(rows: y.rows, columns: y.columns) { product in
                product.assign(x, timesTransposed: weight)
                y.add(product)
            }
            if let bias { y.add(bias) }
        case .plain(let weight):
            if let bias { y.add(bias) }
            y.add(x, times: weight)
        }
    }
}
