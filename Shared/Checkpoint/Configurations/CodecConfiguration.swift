public import Foundation

/// Every size of an XY-Tokenizer, from its published YAML (`generator_params`, or the same at top level) or from the
/// `config.json` of its Hugging Face port.
///
/// "Rate" is positions per second: mel 100 Hz, encoders 50 Hz, codes 12.5 Hz at the published numbers.
public struct CodecConfiguration: Equatable, Sendable {
    /// Hz of the audio that is encoded.
    public var inputSampleRate: Int
    /// Hz of the audio that is decoded.
    public var outputSampleRate: Int
    /// Input samples of one code (`encoder_downsample_rate`); 1280 when the file lacks it.
    public var encoderDownsampleRate: Int
    /// Output samples of one code (`decoder_upsample_rate`); 1920 when the file lacks it.
    public var decoderUpsampleRate: Int
    public var featureExtractor: FeatureExtractor
    public var semanticEncoder: Encoder
    public var semanticEncoderAdapter: Adapter
    public var acousticEncoder: Encoder
    public var preQuantizerAdapter: Adapter
    public var downsample: Downsample
    public var quantizer: Quantizer
    public var postQuantizerAdapter: Adapter
    public var upsample: Upsample
    /// Its `layers`, `heads` and `feedForward` are the file's `decoder_…` fields.
    public var acousticDecoder: Encoder
    public var vocoder: Vocoder
}

extension CodecConfiguration {
    public init(file: URL) throws(CheckpointError) {
        let isJSON = file.pathExtension.lowercased() == "json"
        let value = isJSON ? try ConfigurationFile.json(file) : try ConfigurationFile.yaml(file)
        try self.init(value, file: file.path)
    }

    init(_ value: ConfigurationValue, file: String) throws(CheckpointError) {
        var fields = try ConfigurationFields(value, file: file)
        for nested in ["codec_config", "generator_params", "params"] where fields.contains(nested) {
            fields = try fields.table(nested)
        }
        inputSampleRate = try fields.integer(
            fields.contains("input_sample_rate") ? "input_sample_rate" : "input_sampling_rate", in: Limits.sampleRate)
        outputSampleRate = try fields.integer(
            fields.contains("output_sample_rate") ? "output_sample_rate" : "sampling_rate", in: Limits.sampleRate)
        encoderDownsampleRate = try fields.integer("encoder_downsample_rate", in: 1...Limits.fourier, default: 1280)
        decoderUpsampleRate = try fields.integer("decoder_upsample_rate", in: 1...Limits.fourier, default: 1920)

        featureExtractor = try FeatureExtractor(fields.table("feature_extractor_kwargs"))
        semanticEncoder = try Encoder(fields.table("semantic_encoder_kwargs"), prefix: "encoder_")
        semanticEncoderAdapter = try Adapter(fields.table("semantic_encoder_adapter_kwargs"))
        acousticEncoder = try Encoder(fields.table("acoustic_encoder_kwargs"), prefix: "encoder_")
        preQuantizerAdapter = try Adapter(fields.table("pre_rvq_adapter_kwargs"))
        downsample = try Downsample(fields.table("downsample_kwargs"))
        quantizer = try Quantizer(fields.table("quantizer_kwargs"))
        postQuantizerAdapter = try Adapter(fields.table("post_rvq_adapter_kwargs"))
        upsample = try Upsample(fields.table("upsample_kwargs"))
        acousticDecoder = try Encoder(fields.table("acoustic_decoder_kwargs"), prefix: "decoder_")
        vocoder = try Vocoder(fields.table("vocos_kwargs"))
        try checkSeams(fields)
    }

    /// Codes per second of audio.
    public var frameRate: Double { Double(inputSampleRate) / Double(encoderDownsampleRate) }

    /// Each block must take what the block before it gives; the file states both sides.
    private func checkSeams(_ fields: ConfigurationFields) throws(CheckpointError) {
        func agree(_ name: String, _ stated: Int, _ implied: Int, _ why: String) throws(CheckpointError) {
            guard stated == implied else {
                throw fields.bad(name, "is \(stated), but \(why) makes it \(implied)")
            }
        }
        let feature = featureExtractor
        try agree(
            "feature_extractor_kwargs.sampling_rate", feature.sampleRate, inputSampleRate, "input_sample_rate")
        try agree(
            "semantic_encoder_kwargs.num_mel_bins", semanticEncoder.melBins, feature.melBins, "feature_size")
        try agree(
            "acoustic_encoder_kwargs.num_mel_bins", acousticEncoder.melBins, feature.melBins, "feature_size")
        try agree(
            "acoustic_encoder_kwargs.stride_size", acousticEncoder.stride, semanticEncoder.stride,
            "the semantic encoder's stride")
        try agree(
            "semantic_encoder_adapter_kwargs.input_dim", semanticEncoderAdapter.inputWidth, semanticEncoder.width,
            "semantic_encoder_kwargs.d_model")
        try agree(
            "pre_rvq_adapter_kwargs.input_dim", preQuantizerAdapter.inputWidth,
            semanticEncoderAdapter.outputWidth + acousticEncoder.width, "semantic beside acoustic width")
        try agree(
            "downsample_kwargs.d_model", downsample.width, preQuantizerAdapter.outputWidth,
            "pre_rvq_adapter_kwargs.output_dim")
        try agree(
            "quantizer_kwargs.input_dim", quantizer.inputWidth, downsample.width * downsample.factor,
            "d_model · avg_pooler of downsample_kwargs")
        try agree(
            "post_rvq_adapter_kwargs.input_dim", postQuantizerAdapter.inputWidth, quantizer.outputWidth,
            "quantizer_kwargs.output_dim")
        try agree(
            "post_rvq_adapter_kwargs.output_dim", postQuantizerAdapter.outputWidth, upsample.width * upsample.stride,
            "d_model · stride of upsample_kwargs")
        try agree(
            "acoustic_decoder_kwargs.d_model", acousticDecoder.width, upsample.width, "upsample_kwargs.d_model")
        try agree(
            "vocos_kwargs.input_channels", vocoder.inputChannels, acousticDecoder.melBins,
            "acoustic_decoder_kwargs.num_mel_bins")
        try agree(
            "encoder_downsample_rate", encoderDownsampleRate,
            feature.hopLength * semanticEncoder.stride * downsample.factor, "hop · stride · avg_pooler")
        try agree(
            "decoder_upsample_rate", decoderUpsampleRate, upsample.stride * acousticDecoder.stride * vocoder.hopLength,
            "stride · stride · hop of the decoder's blocks")
    }
}
