import ServiceKit
import SpeechCodec

/// What a codec worker is told beside the keys that every service has.
struct CodecSettings: ServiceConfiguration {
    static let service = "codec"
    static let summary = "turns scripts and prompts into token matrices, sound into codes and codes into sound"

    static let promptSecondsMax = ConfigurationKey.integer(
        "prompt_seconds_max", 1...3600, default: 120,
        reason: "sound that one prompt file may hold; a prompt of more than 30 s rarely helps and costs prefill")

    static let encoderPrecision = ConfigurationKey<CodecPrecision>.choice(
        "encoder_precision", default: SpeechCodec.Precision.standard.encoder,
        reason: "f32 gives the original's codes exactly, slower and with twice the memory; int8 is fastest and coarsest"
    )
    static let decoderPrecision = ConfigurationKey<CodecPrecision>.choice(
        "decoder_precision", default: SpeechCodec.Precision.standard.decoder,
        reason: "f32 gives the original's sound, slower and with twice the memory; int8 is fastest and coarsest")

    static let keys = [promptSecondsMax.declaration, encoderPrecision.declaration, decoderPrecision.declaration]

    /// What a request may ask for.
    struct Limits: Sendable {
        var promptSecondsMax = 120
    }

    let limits: Limits
    let precision: SpeechCodec.Precision

    init(_ reader: inout ConfigurationReader, settings: ServiceSettings) throws(ConfigurationError) {
        limits = Limits(promptSecondsMax: try reader.value(of: Self.promptSecondsMax))
        precision = SpeechCodec.Precision(
            encoder: try reader.value(of: Self.encoderPrecision), decoder: try reader.value(of: Self.decoderPrecision))
    }
}
