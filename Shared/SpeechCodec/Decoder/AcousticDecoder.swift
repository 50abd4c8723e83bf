internal import Checkpoint
internal import Compute

/// 50 Hz positions to mel-like features at 100 Hz: a transformer and two transposed convolutions.
struct AcousticDecoder {
    private let stack: TransformerStack
    private let first: TransposedConvolution
    private let second: TransposedConvolution
    private let channels: Int
    private let stride: Int

    init(_ weights: CodecWeights, _ name: String, _ sizes: CodecConfiguration.Encoder) throws(CheckpointError) {
        channels = sizes.melBins
        stride = sizes.stride
        stack = try TransformerStack(
            weights, name, width: sizes.width, positions: sizes.positions, layers: sizes.layers, heads: sizes.heads,
            feedForward: sizes.feedForward)
        first = try TransposedConvolution(
            weights, "\(name).deconv1", outputs: sizes.width, inputs: sizes.width, taps: sizes.kernel,
            stride: sizes.stride)
        second = try TransposedConvolution(
            weights, "\(name).deconv2", outputs: sizes.melBins, inputs: sizes.width, taps: sizes.kernel, stride: 1)
    }

    /// Rows of the result for so many positions.
    func features(for positions: Int) -> Int { stride * positions }

    /// Positions that rows `features` of the result are made of.
    private func positions(for features: Range<Int>) -> Range<Int> {
        guard !features.isEmpty else { return 0..<0 }
        let inner = max(0, features.lowerBound - second.taps + 1)..<features.upperBound
        return max(0, inner.lowerBound - first.taps + 1) / stride..<(inner.upperBound - 1) / stride + 1
    }

    /// `[positions, width]`, overwritten, to `[stride · positions, channels]`: the result of the deconvolutions without its
    /// last rows, which is why the first one need not make its last rows either.
    ///
    /// - Parameter wanted: The rows of the result that matter; the others are meaningless.
    func apply(_ x: Matrix, wanted: Range<Int>, workers: CodecWorkers, probe: CodecProbe?) -> Matrix {
        stack.apply(x, wanted: positions(for: wanted), workers: workers, probe: probe)
        let inner = Matrix(unwritten: stride * x.rows, columns: stack.width)
        first.apply(x, into: inner, pool: workers.pool)
        workers.pool.runRows(0..<inner.rows) { inner.rows($0).applyGELU() }
        let y = Matrix(unwritten: inner.rows, columns: channels)
        second.apply(inner, into: y, pool: workers.pool)
        workers.pool.runRows(0..<y.rows) { y.rows($0).applyGELU() }
        probe?("acoustic_decoder", y)
        return y
    }
}
