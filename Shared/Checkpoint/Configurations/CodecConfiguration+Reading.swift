// Reading of the blocks' fields, each with its range and with the reference's default where that has one.

extension CodecConfiguration.FeatureExtractor {
    init(_ fields: ConfigurationFields) throws(CheckpointError) {
        sampleRate = try fields.integer("sampling_rate", in: Limits.sampleRate, default: 16_000)
        chunkSeconds = try fields.integer("chunk_length", in: 1...600, default: 30)
        melBins = try fields.integer("feature_size", in: 1...1024, default: 80)
        hopLength = try fields.integer("hop_length", in: 1...Limits.fourier, default: 160)
        fourierLength = try fields.integer("n_fft", in: 2...Limits.fourier, default: 400)
        let samples = chunkSeconds * sampleRate
        chunkSamples = try fields.integer("n_samples", in: 1...Limits.positions * 16, default: samples)
        guard chunkSamples == samples else {
            throw fields.bad("n_samples", "is \(chunkSamples), but chunk_length makes it \(samples)")
        }
        let positions = samples / hopLength
        positionsMax = try fields.integer("nb_max_frames", in: 1...Limits.positions, default: positions)
        guard positionsMax == positions else {
            throw fields.bad("nb_max_frames", "is \(positionsMax), but n_samples / hop_length is \(positions)")
        }
        try fields.require("padding_side", toBe: "right")
        guard try fields.number("padding_value", in: -1...1, default: 0) == 0 else {
            throw fields.bad("padding_value", "is not 0; only 0 is built")
        }
    }
}

extension CodecConfiguration.Encoder {
    init(_ fields: ConfigurationFields, prefix: String) throws(CheckpointError) {
        melBins = try fields.integer("num_mel_bins", in: 1...1024, default: 80)
        stride = try fields.integer("stride_size", in: 1...Limits.kernel, default: 2)
        kernel = try fields.integer("kernel_size", in: 1...Limits.kernel, default: 3)
        width = try fields.integer("d_model", in: 1...Limits.width)
        layers = try fields.integer(prefix + "layers", in: 0...Limits.layers)
        heads = try fields.heads(prefix + "attention_heads", dividing: width)
        feedForward = try fields.integer(prefix + "ffn_dim", in: 1...Limits.innerWidth)
        scalesEmbedding = try fields.bool("scale_embedding", default: false)
        let seconds = try fields.integer("max_audio_seconds", in: 1...3600, default: 30)
        let rate = try fields.integer("sampling_rate", in: Limits.sampleRate, default: 16_000)
        let hop = try fields.integer("hop_length", in: 1...Limits.fourier, default: 160)
        positions = seconds * rate / hop / stride
        guard (1...Limits.positions).contains(positions) else {
            throw fields.bad("max_audio_seconds", "leaves \(positions) positions")
        }
        try fields.require("activation_function", toBe: "gelu")
    }
}

extension CodecConfiguration.Adapter {
    init(_ fields: ConfigurationFields) throws(CheckpointError) {
        inputWidth = try fields.integer("input_dim", in: 1...Limits.width)
        outputWidth = try fields.integer("output_dim", in: 1...Limits.width)
        width = try fields.integer("d_model", in: 1...Limits.width)
        positions = try fields.integer("max_source_positions", in: 1...Limits.positions)
        layers = try fields.integer("encoder_layers", in: 0...Limits.layers)
        heads = try fields.heads("encoder_attention_heads", dividing: width)
        feedForward = try fields.integer("encoder_ffn_dim", in: 1...Limits.innerWidth)
    }
}

extension CodecConfiguration.Downsample {
    init(_ fields: ConfigurationFields) throws(CheckpointError) {
        width = try fields.integer("d_model", in: 1...Limits.width)
        factor = try fields.integer("avg_pooler", in: 1...Limits.kernel, default: 4)
    }
}

extension CodecConfiguration.Quantizer {
    init(_ fields: ConfigurationFields) throws(CheckpointError) {
        inputWidth = try fields.integer("input_dim", in: 1...Limits.width)
        width = try fields.integer("rvq_dim", in: 1...Limits.width)
        outputWidth = try fields.integer("output_dim", in: 1...Limits.width, default: inputWidth)
        codebooks = try fields.integer("num_quantizers", in: 1...Limits.codebooks)
        codebookSize = try fields.integer("codebook_size", in: 1...Limits.codebookSize)
        let entryWidth = try fields.integer("codebook_dim", in: 1...Limits.width, default: width)
        guard entryWidth == width else {
            throw CheckpointError(
                .unsupported, file: fields.file, subject: fields.path + "codebook_dim",
                "is \(entryWidth), not rvq_dim (\(width)); projections of single levels are not built")
        }
    }
}

extension CodecConfiguration.Upsample {
    init(_ fields: ConfigurationFields) throws(CheckpointError) {
        width = try fields.integer("d_model", in: 1...Limits.width)
        stride = try fields.integer("stride", in: 1...Limits.kernel, default: 4)
    }
}

extension CodecConfiguration.Vocoder {
    init(_ fields: ConfigurationFields) throws(CheckpointError) {
        inputChannels = try fields.integer("input_channels", in: 1...1024, default: 80)
        width = try fields.integer("dim", in: 1...Limits.width)
        innerWidth = try fields.integer("intermediate_dim", in: 1...Limits.innerWidth)
        layers = try fields.integer("num_layers", in: 0...Limits.layers)
        fourierLength = try fields.integer("n_fft", in: 2...Limits.fourier)
        hopLength = try fields.integer("hop_size", in: 1...Limits.fourier)
        guard fourierLength % 2 == 0, hopLength <= fourierLength, (fourierLength - hopLength) % 2 == 0 else {
            throw fields.bad("n_fft", "is \(fourierLength); it and its difference from hop_size must be even")
        }
        try fields.require("padding", toBe: "same")
        if fields.contains("adanorm_num_embeddings") {
            throw CheckpointError(
                .unsupported, file: fields.file, subject: fields.path + "adanorm_num_embeddings", "is not built")
        }
    }
}

extension ConfigurationFields {
    /// A number of attention heads that divides the width.
    fileprivate func heads(_ name: String, dividing width: Int) throws(CheckpointError) -> Int {
        let heads = try integer(name, in: 1...Limits.heads)
        guard width % heads == 0 else { throw bad(name, "is \(heads), which does not divide d_model (\(width))") }
        return heads
    }
}
