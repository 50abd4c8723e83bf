internal import Checkpoint
internal import Compute

/// A block of the vocoder: x + γ ∘ W₂ GELU(W₁ LN(depthwise convolution of x)).
struct ConvNeXtBlock {
    /// `[taps, width]`.
    private let filters: Matrix
    private let filterBias: Matrix
    private let norm: LayerNorm
    private let expand: Linear
    /// With γ multiplied in.
    private let contract: Linear

    static let taps = 7

    init(_ weights: CodecWeights, _ name: String, width: Int, innerWidth: Int, epsilon: Float) throws(CheckpointError) {
        let stored = try weights.taps("\(name).dwconv.weight", outputs: width, inputs: 1, taps: Self.taps)
        filters = CodecWeights.gathered(Self.taps, width) { tap, channel in stored[tap][0, channel] }
        filterBias = try weights.row("\(name).dwconv.bias", count: width)
        norm = try LayerNorm(weights, "\(name).norm", width: width, epsilon: epsilon)
        expand = try Linear(weights, "\(name).pwconv1", outputs: innerWidth, inputs: width)
        contract = try Linear(weights, "\(name).pwconv2", outputs: width, inputs: innerWidth)
        contract.scaleOutputs(by: try weights.row("\(name).gamma", count: width))
    }

    /// `y` becomes the block's value of `x`, both `[frames, width]` and apart.
    func apply(_ x: Matrix, into y: Matrix, workers: CodecWorkers) {
        workers.pool.runRows(0..<x.rows) { block in
            workers.scratch.with(rows: block.count, columns: x.columns) { normed in
                normed.assignDepthwise(of: x, weight: filters, bias: filterBias, firstRow: block.lowerBound)
                norm.apply(normed, into: normed)
                workers.scratch.with(rows: block.count, columns: expand.outputs) { inner in
                    expand.applyWithGELU(normed, into: inner)
                    y.rows(block).assign(x.rows(block))
                    contract.add(inner, to: y.rows(block))
                }
            }
        }
    }
}
