import Foundation
import TestSupport

/// Small configurations of both kinds, sound as they stand.
enum Configurations {
    static let languageModelJSON = """
        {"architectures": ["AsteroidTTSInstruct"], "model_type": "qwen3", "vocab_size": 40, "hidden_size": 16,
         "intermediate_size": 24, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
         "head_dim": 8, "rms_norm_eps": 1e-06, "rope_theta": 1000000.0, "tie_word_embeddings": true, "channels": 3,
         "speech_vocab_size": 9, "speech_pad_token": 8, "speech_token_range": [20, 28], "pad_token_id": 5,
         "bos_token_id": 5, "eos_token_id": 6, "hidden_act": "silu", "rope_scaling": null}
        """

    static let generationJSON = """
        {"do_sample": true, "do_samples": [true, false, true], "eos_token_id": 6, "max_new_tokens": 12,
         "layers": [{"temperature": 1.1, "top_k": 5, "top_p": 0.9, "repetition_penalty": 1.2}, {}, {"top_k": 3}]}
        """

    /// Small, with anchors, and with a width of its own for every block.
    static let codecYAML = """
        input_sample_rate: &rate 16000
        output_sample_rate: &output 24000
        generator_params:
          input_sample_rate: *rate
          output_sample_rate: *output
          feature_extractor_kwargs: {chunk_length: 30, feature_size: 80, hop_length: 160, n_fft: 400}
          semantic_encoder_kwargs: {d_model: 8, encoder_layers: 1, encoder_attention_heads: 2, encoder_ffn_dim: 12,
            sampling_rate: *rate, activation_function: "gelu"}
          semantic_encoder_adapter_kwargs: {input_dim: 8, output_dim: 6, d_model: 4, max_source_positions: 1500,
            encoder_layers: 1, encoder_attention_heads: 2, encoder_ffn_dim: 10}
          acoustic_encoder_kwargs: {d_model: 10, encoder_layers: 1, encoder_attention_heads: 5, encoder_ffn_dim: 12}
          pre_rvq_adapter_kwargs: {input_dim: 16, output_dim: 6, d_model: 12, max_source_positions: 1500,
            encoder_layers: 1, encoder_attention_heads: 3, encoder_ffn_dim: 10}
          downsample_kwargs: {d_model: 6, avg_pooler: 4}
          quantizer_kwargs: {input_dim: 24, rvq_dim: 5, output_dim: 20, num_quantizers: 3, codebook_size: 8,
            codebook_dim: 5}
          post_rvq_adapter_kwargs: {input_dim: 20, output_dim: 28, d_model: 8, max_source_positions: 375,
            encoder_layers: 1, encoder_attention_heads: 2, encoder_ffn_dim: 10}
          upsample_kwargs: {d_model: 7, stride: 4}
          acoustic_decoder_kwargs: {d_model: 7, decoder_layers: 1, decoder_attention_heads: 7, decoder_ffn_dim: 9}
          vocos_kwargs: {input_channels: 80, dim: 6, intermediate_dim: 11, num_layers: 2, n_fft: 960, hop_size: 240,
            padding: same}
        """
}
