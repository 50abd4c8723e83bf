internal import Checkpoint
internal import Compute

/// One window of dequantised codes to sound: adapter, upsampling, acoustic decoder, vocoder.
struct SpeechDecoder {
    private let adapter: Adapter
    private let upsample: TransposedConvolution
    private let width: Int
    private let acoustic: AcousticDecoder
    private let vocoder: Vocoder

    init(_ weights: CodecWeights, _ sizes: CodecConfiguration) throws(CheckpointError) {
        adapter = try Adapter(weights, "post_rvq_adapter", sizes.postQuantizerAdapter)
        width = sizes.upsample.width
        upsample = try TransposedConvolution(
            weights, "upsample.up_conv", outputs: sizes.upsample.width, inputs: sizes.postQuantizerAdapter.outputWidth,
            taps: sizes.upsample.stride, stride: sizes.upsample.stride, bias: false)
        acoustic = try AcousticDecoder(weights, "acoustic_decoder", sizes.acousticDecoder)
        vocoder = try Vocoder(weights, "enhanced_vocos", sizes.vocoder)
    }

    /// The samples of `range` of what `x` `[codes, width]` decodes to; `x` may be overwritten.
    func samples(_ range: Range<Int>, of x: Matrix, workers: CodecWorkers, probe: CodecProbe?) -> [Float] {
        let adapted = adapter.apply(x, workers: workers, probe: probe)
        let positions = Matrix(unwritten: x.rows * upsample.stride, columns: width)
        upsample.apply(adapted, into: positions, pool: workers.pool)
        probe?("upsample", positions)
        let wanted = vocoder.features(for: range, of: acoustic.features(for: positions.rows))
        let features = acoustic.apply(positions, wanted: wanted, workers: workers, probe: probe)
        return vocoder.samples(range, features: features, workers: workers, probe: probe)
    }
}
