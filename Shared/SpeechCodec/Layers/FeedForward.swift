internal import Checkpoint
internal import Compute

/// W₂ GELU(W₁ x + b₁) + b₂ on every row: where most of the codec's arithmetic is.
struct FeedForward {
    private let expand: Linear
    private let contract: Linear

    /// - Parameter scale: Names a row of factors for the result.
    init(
        _ weights: CodecWeights, _ first: String, _ second: String, width: Int, innerWidth: Int, scale: String? = nil
    ) throws(CheckpointError) {
        expand = try Linear(weights, first, outputs: innerWidth, inputs: width)
        contract = try Linear(weights, second, outputs: width, inputs: innerWidth, scale: scale)
    }

    /// The value of `x` is added to `y`, both `[rows, width]`.
    func add(_ x: Matrix, to y: Matrix, scratch: ScratchMatrices) {
        switch (expand.form, contract.form) {
        case (.plain(let weight), _):
            scratch.with(rows: x.rows, columns: expand.outputs) { inner in
                inner.assign(x, times: weight)
                if let bias = expand.bias { inner.addBiasAndGELU(bias) } else { inner.applyGELU() }
                contract.add(inner, to: y, scratch: scratch)
            }
        case (.packed(let first), .packed(let second)):
            scratch.with(packed: .bf16, rows: x.rows, columns: expand.outputs) { inner in
                scratch.with(packed: first.precision, rows: x.rows, columns: expand.inputs) { rows in
                    rows.assign(x)
                    first.multiply(rows, into: inner, bias: expand.bias, gelu: true)
                }
                guard second.precision == .int8 else {
                    second.multiply(inner, into: y, bias: contract.bias, adding: true)
                    return
                }
                scratch.with(packed: .int8, rows: x.rows, columns: expand.outputs) { rows in
                    rows.assign(inner)
                    second.multiply(rows, into: y, bias: contract.bias, adding: true)
                }
            }
        case (.packed, .plain):
            preconditionFailure("a layer half packed")
        }
    }
}
