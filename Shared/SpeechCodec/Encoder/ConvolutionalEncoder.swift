internal import Checkpoint
internal import Compute

/// Log-mel to 50 Hz features: two convolutions, the second halving the rate, and a transformer.
struct ConvolutionalEncoder {
    private let first: Convolution
    private let second: Convolution
    private let stack: TransformerStack
    private let name: String

    init(_ weights: CodecWeights, _ name: String, _ sizes: CodecConfiguration.Encoder) throws(CheckpointError) {
        self.name = name
        first = try Convolution(
            weights, "\(name).conv1", outputs: sizes.width, inputs: sizes.melBins, taps: sizes.kernel)
        second = try Convolution(
            weights, "\(name).conv2", outputs: sizes.width, inputs: sizes.width, taps: sizes.kernel,
            stride: sizes.stride)
        stack = try TransformerStack(
            weights, name, width: sizes.width, positions: sizes.positions, layers: sizes.layers, heads: sizes.heads,
            feedForward: sizes.feedForward)
    }

    /// Mel frames that `positions` outputs depend on, as far as the chunk has them.
    func melFrames(for positions: Int) -> Int { first.inputRows(for: second.inputRows(for: positions)) }

    /// The first `positions` positions, `[positions, width]`, from at least `melFrames(for: positions)` frames of mel, or
    /// all of a full chunk.
    func apply(_ mel: Matrix, positions: Int, workers: CodecWorkers, probe: CodecProbe?) -> Matrix {
        let inner = Matrix(rows: second.inputRows(for: positions), columns: first.outputs)
        first.apply(mel, into: inner, pool: workers.pool)
        probe?("\(name).conv1", inner)
        workers.pool.runRows(0..<inner.rows) { inner.rows($0).applyGELU() }
        let x = Matrix(rows: positions, columns: second.outputs)
        second.apply(inner, into: x, pool: workers.pool)
        probe?("\(name).conv2", x)
        workers.pool.runRows(0..<x.rows) { x.rows($0).applyGELU() }
        stack.apply(x, workers: workers, probe: probe)
        probe?(name, x)
        return x
    }
}
