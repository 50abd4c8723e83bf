import ServiceKit

/// What a codec worker is told beside the keys that every service has.
struct CodecSettings: ServiceConfiguration {
    static let service = "codec"
    static let summary = "turns scripts and prompts into token matrices, sound into codes and codes into sound"

    static let promptSecondsMax = ConfigurationKey.integer(
        "prompt_seconds_max", 1...3600, default: 120,
        reason: "sound that one prompt file may hold; a prompt of more than 30 s rarely helps and costs prefill")

    static let keys = [promptSecondsMax.declaration]

    /// What a request may ask for.
    struct Limits: Sendable {
        var promptSecondsMax = 120
    }

    let limits: Limits

    init(_ reader: inout ConfigurationReader, settings: ServiceSettings) throws(ConfigurationError) {
        limits = Limits(promptSecondsMax: try reader.value(of: Self.promptSecondsMax))
    }
}
