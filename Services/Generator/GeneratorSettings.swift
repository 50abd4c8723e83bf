import Compute
import LanguageModel
import ServiceKit

/// What a generator is told beside the keys that every service has.
struct GeneratorSettings: ServiceConfiguration {
    static let service = "generator"
    static let summary = "continues token matrices with a language model, several at once"

    static let cacheMegabytes = ConfigurationKey.integer(
        "cache_megabytes", 16...1 << 20, default: 1536,
        reason: "memory for keys and values of all requests; a request that needs more than is free waits")
    static let memoryLimit = ConfigurationKey.integer(
        "memory_limit_megabytes", 64...1 << 24, default: nil, defaultText: "none",
        reason:
            "for weights, buffers, keys and values together; less than cache_megabytes may then be left for the last")
    static let prefillRows = ConfigurationKey.integer(
        "prefill_rows", 1...4096, default: 128,
        reason:
            "rows of prompts that a step may read beside running streams (four times as many without any): more start a dialogue sooner, fewer let the others wait less"
    )

    static let keyValuePrecision = ConfigurationKey<KeyValuePrecision>.choice(
        "kv_precision", default: nil, defaultText: "f32 beside weights in f32, otherwise bf16",
        reason: "of keys and values; f32 takes twice the memory, and gives the original's ids with weights in bf16 too")

    static let pinsThreads = ConfigurationKey.flag(
        "pin_threads", default: true,
        reason: "keeps each thread of the arithmetic on a processor of its own where there are as many as threads")

    static let head = ConfigurationKey<Head>.choice(
        "head", default: .exact,
        reason: "ids that channel 0 is scored for: exact has the text's too, as the original; speech-only is faster")

    static let keys = [
        cacheMegabytes.declaration, memoryLimit.declaration, prefillRows.declaration, keyValuePrecision.declaration,
        pinsThreads.declaration, head.declaration,
    ]

    enum Head: String, CaseIterable, Sendable {
        case exact
        case speechOnly = "speech-only"
    }

    let engineLimits: EngineLimits
    let pinsThreads: Bool
    /// Nil for what suits the weights.
    let keyValues: KeyValuePrecision?
    let head: Head

    init(_ reader: inout ConfigurationReader, settings: ServiceSettings) throws(ConfigurationError) {
        var limits = EngineLimits()
        limits.slots = settings.slots
        limits.cacheBytesMax = try reader.value(of: Self.cacheMegabytes) << 20
        limits.memoryBytesMax = try reader.optionalValue(of: Self.memoryLimit).map { $0 << 20 }
        limits.prefillRows = try reader.value(of: Self.prefillRows)
        engineLimits = limits
        pinsThreads = try reader.value(of: Self.pinsThreads)
        keyValues = try reader.optionalValue(of: Self.keyValuePrecision)
        head = try reader.value(of: Self.head)
    }
}
