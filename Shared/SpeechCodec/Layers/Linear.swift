internal import Checkpoint
internal import Compute

/// y = W x + b on every row.
struct Linear {
    /// `[inputs, outputs]`, the transpose of what is stored.
    let weight: Matrix
    /// One row of `outputs`.
    let bias: Matrix?

    var outputs: Int { weight.columns }
    var inputs: Int { weight.rows }

    init(weight: Matrix, bias: Matrix?) {
        self.weight = weight
        self.bias = bias
    }

    init(_ weights: CodecWeights, _ name: String, outputs: Int, inputs: Int, bias: Bool = true) throws(CheckpointError)
    {
        weight = try weights.transposed("\(name).weight", outputs: outputs, inputs: inputs)
        self.bias = bias ? try weights.row("\(name).bias", count: outputs) : nil
    }

    /// `y` `[rows, outputs]` becomes the layer's value of `x` `[rows, inputs]`.
    func apply(_ x: Matrix, into y: Matrix) {
        if let bias {
            y.fill(rows: bias)
            y.add(x, times: weight)
        } else {
            y.assign(x, times: weight)
        }
    }

    /// The layer's value of `x` is added to `y`.
    func add(_ x: Matrix, to y: Matrix) {
        if let bias { y.add(bias) }
        y.add(x, times: weight)
    }

    /// y = GELU(W x + b), with one pass after the product.
    ///
    /// - Precondition: the layer has a bias.
    func applyWithGELU(_ x: Matrix, into y: Matrix) {
        guard let bias else { preconditionFailure("a GELU after a layer without bias") }
        y.assign(x, times: weight)
        y.addBiasAndGELU(bias)
    }

    /// Multiplies every output, bias included, by its factor in the one row `factors`.
    ///
    /// - Precondition: the layer's matrices are its own, and nobody computes with it yet.
    func scaleOutputs(by factors: Matrix) {
        factors.withRow(0) { factors in
            for row in 0..<inputs {
                weight.withRow(row) { values in
                    for output in values.indices { values[output] *= factors[output] }
                }
            }
            bias?.withRow(0) { values in
                for output in values.indices { values[output] *= factors[output] }
            }
        }
    }
}
