internal import Checkpoint
internal import Compute

/// W₂ GELU(W₁ x + b₁) + b₂ on every row: where most of the codec's arithmetic is.
struct FeedForward {
    /// Inner values that are computed and used up at a time, so that they stay in a core's own cache.
    private static let sliceWidth = 2 * ProductWeights.partAlignment

    private let expand: Linear
    private let contract: Linear

    /// - Parameter scale: Names a row of factors for the result.
    init(
        _ weights: CodecWeights, _ first: String, _ second: String, width: Int, innerWidth: Int, scale: String? = nil
    ) throws(CheckpointError) {
        expand = try Linear(weights, first, outputs: innerWidth, inputs: width)
        contract = try Linear(weights, second, outputs: width, inputs: innerWidth, scale: scale)
    }

    /// `y` becomes `base` with the layer's value added, both `[rows, width]` and the same or apart.
    ///
    /// - Parameter input: Fills in some rows of what the layer takes, given their numbers.
    func add(to base: Matrix, into y: Matrix, scratch: ScratchMatrices, input: (Range<Int>, Matrix) -> Void) {
        switch (expand.form, contract.form) {
        case (.plain(let weight), _):
            scratch.with(rows: y.rows, columns: expand.inputs) { x in
                input(0..<y.rows, x)
                scratch.with(rows: y.rows, columns: expand.outputs) { inner in
                    inner.assign(x, times: weight)
                    if let bias = expand.bias { inner.addBiasAndGELU(bias) } else { inner.applyGELU() }
                    y.assign(base)
                    contract.add(inner, to: y, scratch: scratch)
                }
            }
        case (.packed(let first), .packed(let second)):
            scratch.with(packed: first.precision, rows: y.rows, columns: expand.inputs) { rows in
                rows.assign(scratch: scratch, input)
                for start in stride(from: 0, to: expand.outputs, by: Self.sliceWidth) {
                    let slice = start..<min(start + Self.sliceWidth, expand.outputs)
                    scratch.with(packed: .bf16, rows: y.rows, columns: slice.count) { inner in
                        first.outputs(slice).multiply(rows, into: inner, bias: expand.bias?.columns(slice), gelu: true)
                        let (bias, before) = start == 0 ? (contract.bias, base) : (nil, y)
                        add(inner, times: second.inputs(slice), bias: bias, to: before, into: y, scratch: scratch)
                    }
                }
            }
        case (.packed, _), (.exact, _):
            preconditionFailure("a layer half packed")
        }
    }

    /// `y` becomes `base` with the product of a slice of the inner values added.
    private func add(
        _ inner: ProductRows, times weights: ProductWeights, bias: Matrix?, to base: Matrix, into y: Matrix,
        scratch: ScratchMatrices
    ) {
        switch weights.precision {
        case .bf16: weights.multiply(inner, into: y, bias: bias, addend: base)
        case .int8:
            scratch.with(packed: .int8, rows: inner.rows, columns: inner.columns) { rows in
                rows.assign(inner)
                weights.multiply(rows, into: y, bias: bias, addend: base)
            }
        }
    }
}
