internal import Checkpoint
internal import Compute

/// One window of audio to codes: log-mel, the semantic and the acoustic encoder, adapters, downsampling, quantiser.
struct SpeechEncoder {
    private let mel: LogMel
    private let semantic: ConvolutionalEncoder
    private let semanticAdapter: Adapter
    private let acoustic: ConvolutionalEncoder
    private let joint: Adapter
    private let downsample: Downsample
    private let stride: Int

    init(_ weights: CodecWeights, _ sizes: CodecConfiguration) throws(CheckpointError) {
        mel = LogMel(sizes.featureExtractor)
        stride = sizes.semanticEncoder.stride
        semantic = try ConvolutionalEncoder(weights, "semantic_encoder", sizes.semanticEncoder)
        semanticAdapter = try Adapter(weights, "semantic_encoder_adapter", sizes.semanticEncoderAdapter)
        acoustic = try ConvolutionalEncoder(weights, "acoustic_encoder", sizes.acousticEncoder)
        joint = try Adapter(weights, "pre_rvq_adapter", sizes.preQuantizerAdapter)
        downsample = try Downsample(weights, "downsample", sizes.downsample)
    }

    /// What the quantiser takes, `[codes, width]`: the first `codes` at most of the window's.
    ///
    /// The original always runs a full window of zeros behind the samples and masks it. Running the filled positions alone
    /// gives the same codes, provided that the convolutions see the one frame behind them (golden/README.md, section 3).
    func features(_ samples: ArraySlice<Float>, codes: Int, workers: CodecWorkers, probe: CodecProbe?) -> Matrix {
        let positions = mel.validFrames(samples: samples.count) / stride
        let frames = max(semantic.melFrames(for: positions), acoustic.melFrames(for: positions))
        let features = mel.features(samples, frames: frames, pool: workers.pool)
        probe?("mel", features)
        let semanticPart = semanticAdapter.apply(
            semantic.apply(features, positions: positions, workers: workers, probe: probe), workers: workers,
            probe: probe)
        let acousticPart = acoustic.apply(features, positions: positions, workers: workers, probe: probe)
        let both = Matrix(rows: positions, columns: semanticPart.columns + acousticPart.columns)
        both.columns(0..<semanticPart.columns).assign(semanticPart)
        both.columns(semanticPart.columns..<both.columns).assign(acousticPart)
        probe?("concat", both)
        let joined = joint.apply(both, workers: workers, probe: probe)
        let wanted = min(codes, positions / downsample.factor)
        let result = downsample.apply(joined.rows(0..<wanted * downsample.factor), workers: workers)
        probe?("downsample", result)
        return result
    }
}
