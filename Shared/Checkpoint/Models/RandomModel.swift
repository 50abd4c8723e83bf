public import Foundation

/// A model of random weights in a folder, in the published form: what no download is needed for, and all services accept.
public enum RandomModel {
    /// Writes `lm` and `codec`. What it says is noise, but it goes on as long as it may: its head gives ids that are no speech
    /// next to no weight, so that none of them is among the best.
    ///
    /// - Parameters:
    ///   - tokenizer: The folder of a tokenizer whose ids the language model has.
    ///   - folder: Is made; files of these names in it are replaced.
    /// - Throws: `PackedFileWriter.CannotWrite`, or what Foundation says of a file that cannot be copied or written.
    public static func write(
        _ languageModel: LanguageModelConfiguration, _ codec: CodecConfiguration, tokenizer: URL, to folder: URL
    ) throws {
        let files = FileManager.default
        let lm = folder.appending(path: "lm")
        let codecFolder = folder.appending(path: "codec")
        for place in [lm, codecFolder] { try files.createDirectory(at: place, withIntermediateDirectories: true) }
        for name in ["tokenizer.json", "vocab.json", "merges.txt", "special_tokens_map.json", "tokenizer_config.json"] {
            let original = tokenizer.appending(path: name)
            guard files.fileExists(atPath: original.path) else { continue }
            try Data(contentsOf: original).write(to: lm.appending(path: name), options: .atomic)
        }
        try configurationText(languageModel).write(to: lm.appending(path: "config.json"), options: .atomic)
        try configurationText(codec).write(to: codecFolder.appending(path: "config.yaml"), options: .atomic)
        try SafetensorsWriter.write(
            RandomWeights.codec(codec), to: codecFolder.appending(path: "model.safetensors"))
        // Last: a folder that has it is whole.
        try SafetensorsWriter.write(
            RandomWeights.talkingLanguageModel(languageModel), to: lm.appending(path: "model.safetensors"))
    }

    /// What `config.json` says of a language model.
    public static func configurationText(_ configuration: LanguageModelConfiguration) throws -> Data {
        try configuration.fileText
    }

    /// What a codec's file says of it, in JSON, which is YAML.
    public static func configurationText(_ configuration: CodecConfiguration) throws -> Data {
        try configuration.fileText
    }

    /// Whether `write` came to its end in this folder.
    public static func isWhole(_ folder: URL) -> Bool {
        FileManager.default.fileExists(atPath: folder.appending(path: "lm/model.safetensors").path)
    }
}

extension LanguageModelConfiguration {
    fileprivate var fileText: Data {
        get throws {
            var fields: [String: Any] = [
                "vocab_size": vocabularySize, "hidden_size": hiddenSize, "intermediate_size": intermediateSize,
                "num_hidden_layers": layers, "num_attention_heads": attentionHeads,
                "num_key_value_heads": keyValueHeads, "head_dim": headSize, "rms_norm_eps": normEpsilon,
                "rope_theta": ropeTheta, "tie_word_embeddings": tiesWordEmbeddings,
                "max_position_embeddings": positionsMax, "channels": channels,
                "speech_vocab_size": speechVocabularySize, "speech_pad_token": speechPadToken,
                "speech_token_range": [speechTokenRange.lowerBound, speechTokenRange.upperBound],
                "pad_token_id": padToken, "eos_token_id": endToken, "hidden_act": "silu",
            ]
            fields["speech_eos_token"] = speechEndToken
            fields["bos_token_id"] = beginToken
            fields["architectures"] = architecture.map { [$0] }
            fields["model_type"] = modelType
            return try JSONSerialization.data(withJSONObject: fields, options: [.prettyPrinted, .sortedKeys])
        }
    }
}

extension CodecConfiguration {
    fileprivate var fileText: Data {
        get throws {
            let parameters: [String: Any] = [
                "input_sample_rate": inputSampleRate, "output_sample_rate": outputSampleRate,
                "encoder_downsample_rate": encoderDownsampleRate, "decoder_upsample_rate": decoderUpsampleRate,
                "feature_extractor_kwargs": [
                    "sampling_rate": featureExtractor.sampleRate, "chunk_length": featureExtractor.chunkSeconds,
                    "feature_size": featureExtractor.melBins, "hop_length": featureExtractor.hopLength,
                    "n_fft": featureExtractor.fourierLength,
                ],
                "semantic_encoder_kwargs": fields(semanticEncoder, prefix: "encoder_"),
                "semantic_encoder_adapter_kwargs": fields(semanticEncoderAdapter),
                "acoustic_encoder_kwargs": fields(acousticEncoder, prefix: "encoder_"),
                "pre_rvq_adapter_kwargs": fields(preQuantizerAdapter),
                "downsample_kwargs": ["d_model": downsample.width, "avg_pooler": downsample.factor],
                "quantizer_kwargs": [
                    "input_dim": quantizer.inputWidth, "rvq_dim": quantizer.width, "output_dim": quantizer.outputWidth,
                    "num_quantizers": quantizer.codebooks, "codebook_size": quantizer.codebookSize,
                    "codebook_dim": quantizer.width,
                ],
                "post_rvq_adapter_kwargs": fields(postQuantizerAdapter),
                "upsample_kwargs": ["d_model": upsample.width, "stride": upsample.stride],
                "acoustic_decoder_kwargs": fields(acousticDecoder, prefix: "decoder_"),
                "vocos_kwargs": [
                    "input_channels": vocoder.inputChannels, "dim": vocoder.width,
                    "intermediate_dim": vocoder.innerWidth, "num_layers": vocoder.layers,
                    "n_fft": vocoder.fourierLength, "hop_size": vocoder.hopLength, "padding": "same",
                ],
            ]
            return try JSONSerialization.data(
                withJSONObject: ["generator_params": parameters], options: [.prettyPrinted, .sortedKeys])
        }
    }

    private func fields(_ block: Encoder, prefix: String) -> [String: Any] {
        let hop = featureExtractor.hopLength
        return [
            "num_mel_bins": block.melBins, "stride_size": block.stride, "kernel_size": block.kernel,
            "d_model": block.width, prefix + "layers": block.layers, prefix + "attention_heads": block.heads,
            prefix + "ffn_dim": block.feedForward, "scale_embedding": block.scalesEmbedding, "hop_length": hop,
            "sampling_rate": inputSampleRate,
            "max_audio_seconds": block.positions * block.stride * hop / inputSampleRate, "activation_function": "gelu",
        ]
    }

    private func fields(_ block: Adapter) -> [String: Any] {
        [
            "input_dim": block.inputWidth, "output_dim": block.outputWidth, "d_model": block.width,
            "max_source_positions": block.positions, "encoder_layers": block.layers,
            "encoder_attention_heads": block.heads, "encoder_ffn_dim": block.feedForward,
        ]
    }
}
