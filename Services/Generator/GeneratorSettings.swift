import LanguageModel
import ServiceKit

/// What a generator is told beside the keys that every service has.
struct GeneratorSettings: ServiceConfiguration {
    static let service = "generator"
    static let summary = "continues token matrices with a language model, several at once"

    static let cacheMegabytes = ConfigurationKey.integer(
        "cache_megabytes", 16...1 << 20, default: 1536,
        reason: "memory for keys and values of all requests; a request that needs more than is free waits")
    static let prefillRows = ConfigurationKey.integer(
        "prefill_rows", 1...4096, default: 64,
        reason: "rows of prompts that a step may read: more start a dialogue sooner, fewer let the others wait less")

    static let keys = [cacheMegabytes.declaration, prefillRows.declaration]

    let engineLimits: EngineLimits

    init(_ reader: inout ConfigurationReader, settings: ServiceSettings) throws(ConfigurationError) {
        var limits = EngineLimits()
        limits.slots = settings.slots
        limits.cacheBytesMax = try reader.value(of: Self.cacheMegabytes) << 20
        limits.prefillRows = try reader.value(of: Self.prefillRows)
        engineLimits = limits
    }
}
