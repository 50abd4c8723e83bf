extension CodecConfiguration {
    /// `feature_extractor_kwargs`: the log-mel front end.
    public struct FeatureExtractor: Equatable, Sendable {
        /// `chunk_length`: seconds the encoder takes at once.
        public var chunkSeconds: Int
        /// `feature_size`.
        public var melBins: Int
        /// `hop_length`, in input samples.
        public var hopLength: Int
        /// `n_fft`, in input samples.
        public var fourierLength: Int
        /// `n_samples`: `chunkSeconds` in input samples.
        public var chunkSamples: Int
        /// `nb_max_frames`: mel positions of a chunk.
        public var positionsMax: Int
        /// `sampling_rate`, Hz.
        public var sampleRate: Int
    }

    /// `semantic_encoder_kwargs`, `acoustic_encoder_kwargs` and `acoustic_decoder_kwargs`: two convolutions and a transformer.
    public struct Encoder: Equatable, Sendable {
        /// `num_mel_bins`.
        public var melBins: Int
        /// `stride_size` of the second convolution (of the first deconvolution in the decoder).
        public var stride: Int
        /// `kernel_size` of both.
        public var kernel: Int
        /// `d_model`.
        public var width: Int
        public var layers: Int
        /// Divides `width`.
        public var heads: Int
        /// Inner width of the feed-forward.
        public var feedForward: Int
        /// Rows of the positional table: `max_audio_seconds · sampling_rate / hop_length / stride_size`.
        public var positions: Int
        /// `scale_embedding`, which the reference reads and never applies.
        public var scalesEmbedding: Bool
    }

    /// `semantic_encoder_adapter_kwargs`, `pre_rvq_adapter_kwargs` and `post_rvq_adapter_kwargs`.
    public struct Adapter: Equatable, Sendable {
        /// `input_dim`; there is an input projection when it is not `width`.
        public var inputWidth: Int
        /// `output_dim`; there is an output projection when it is not `width`.
        public var outputWidth: Int
        /// `d_model`.
        public var width: Int
        /// `max_source_positions`: rows of the positional table.
        public var positions: Int
        public var layers: Int
        /// Divides `width`.
        public var heads: Int
        /// Inner width of the feed-forward.
        public var feedForward: Int

        public var hasInputProjection: Bool { inputWidth != width }
        public var hasOutputProjection: Bool { outputWidth != width }
    }

    /// `downsample_kwargs`.
    public struct Downsample: Equatable, Sendable {
        /// `d_model`, of its input; its output is `factor` times as wide.
        public var width: Int
        /// `avg_pooler`: positions that become one code.
        public var factor: Int
    }

    /// `quantizer_kwargs`: residual vector quantisation.
    public struct Quantizer: Equatable, Sendable {
        /// `input_dim`.
        public var inputWidth: Int
        /// `rvq_dim`, which `codebook_dim` equals: levels have no projections of their own.
        public var width: Int
        /// `output_dim`.
        public var outputWidth: Int
        /// `num_quantizers`: levels, each with a codebook.
        public var codebooks: Int
        /// `codebook_size`: entries of a codebook, at most 65 536.
        public var codebookSize: Int
    }

    /// `upsample_kwargs`.
    public struct Upsample: Equatable, Sendable {
        /// `d_model`, of its output; its input is `stride` times as wide.
        public var width: Int
        /// `stride`: positions that one code becomes.
        public var stride: Int
    }

    /// `vocos_kwargs`.
    public struct Vocoder: Equatable, Sendable {
        /// `input_channels`: mel-like features of the decoder.
        public var inputChannels: Int
        /// `dim`.
        public var width: Int
        /// `intermediate_dim`.
        public var innerWidth: Int
        /// `num_layers`: ConvNeXt blocks.
        public var layers: Int
        /// `n_fft`, in output samples; even.
        public var fourierLength: Int
        /// `hop_size`, in output samples.
        public var hopLength: Int
    }
}
