internal import Checkpoint
internal import Compute

/// A block of the vocoder: x + γ ∘ W₂ GELU(W₁ LN(depthwise convolution of x)).
struct ConvNeXtBlock {
    /// `[taps, width]`.
    private let filters: Matrix
    private let filterBias: Matrix
    private let norm: LayerNorm
    /// With γ multiplied in.
    private let feedForward: FeedForward

    static let taps = 7

    init(_ weights: CodecWeights, _ name: String, width: Int, innerWidth: Int, epsilon: Float) throws(CheckpointError) {
        let stored = try weights.taps("\(name).dwconv.weight", outputs: width, inputs: 1, taps: Self.taps)
        filters = CodecWeights.gathered(Self.taps, width) { tap, channel in stored[tap][channel, 0] }
        filterBias = try weights.row("\(name).dwconv.bias", count: width)
        norm = try LayerNorm(weights, "\(name).norm", width: width, epsilon: epsilon)
        feedForward = try FeedForward(
            weights, "\(name).pwconv1", "\(name).pwconv2", width: width, innerWidth: innerWidth, scale: "\(name).gamma")
    }

    /// Rows of y become the block's value of `x`, both `[frames, width]` and apart; the other rows stay.
    func apply(_ x: Matrix, into y: Matrix, wanted: Range<Int>, workers: CodecWorkers) {
        workers.pool.runRows(wanted) { block in
            feedForward.add(to: x.rows(block), into: y.rows(block), scratch: workers.scratch) { rows, normed in
                normed.assignDepthwise(
                    of: x, weight: filters, bias: filterBias, firstRow: block.lowerBound + rows.lowerBound)
                norm.apply(normed, into: normed)
            }
        }
    }
}
