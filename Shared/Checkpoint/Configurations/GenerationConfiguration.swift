public import Foundation

/// `generation_config.json`: how each channel is drawn, and when to stop.
///
/// The published sampler reads `do_samples` and `layers`, one entry a channel. When a file lacks either, one setting holds for
/// all channels: the file's own `do_sample`, `temperature`, `top_k`, `top_p` and `repetition_penalty`.
public struct GenerationConfiguration: Equatable, Sendable {
    /// The processors of one channel, in the order in which they apply; one that is nil does not apply.
    public struct Channel: Equatable, Sendable {
        /// Over 0; 1 changes nothing.
        public var repetitionPenalty: Double?
        /// Over 0.
        public var temperature: Double?
        /// At least 1.
        public var topK: Int?
        /// In 0...1.
        public var topP: Double?

        public init(
            repetitionPenalty: Double? = nil, temperature: Double? = nil, topK: Int? = nil, topP: Double? = nil
        ) {
            self.repetitionPenalty = repetitionPenalty
            self.temperature = temperature
            self.topK = topK
            self.topP = topP
        }
    }

    /// One a channel: drawn at random, or the best one taken.
    public var doSamples: [Bool]
    /// One a channel (`layers`).
    public var channels: [Channel]
    /// Whether the file set each channel on its own.
    public var isPerChannel: Bool
    /// `eos_token_id`, one or a list; empty when there is none.
    public var endTokens: [Int]
    /// `pad_token_id`.
    public var padToken: Int?
    /// `bos_token_id`.
    public var beginToken: Int?
    /// `max_length`, in rows with the prompt.
    public var lengthMax: Int?
    /// `max_new_tokens`, in frames.
    public var newTokensMax: Int?

    public init(
        doSamples: [Bool], channels: [Channel], isPerChannel: Bool = true, endTokens: [Int] = [], padToken: Int? = nil,
        beginToken: Int? = nil, lengthMax: Int? = nil, newTokensMax: Int? = nil
    ) {
        precondition(doSamples.count == channels.count, "\(doSamples.count) and \(channels.count) channels")
        self.doSamples = doSamples
        self.channels = channels
        self.isPerChannel = isPerChannel
        self.endTokens = endTokens
        self.padToken = padToken
        self.beginToken = beginToken
        self.lengthMax = lengthMax
        self.newTokensMax = newTokensMax
    }

    /// What a model without the file is drawn with: temperature 0.9, top-k 50, top-p 0.95, as its users recommend.
    public static func recommended(channels: Int) -> GenerationConfiguration {
        GenerationConfiguration(
            doSamples: Array(repeating: true, count: channels),
            channels: Array(repeating: Channel(temperature: 0.9, topK: 50, topP: 0.95), count: channels),
            isPerChannel: false)
    }

    /// - Parameter channels: `LanguageModelConfiguration.channels`, which the file's lists must have.
    public init(file: URL, channels: Int) throws(CheckpointError) {
        try self.init(ConfigurationFile.json(file), file: file.path, channels: channels)
    }

    init(_ value: ConfigurationValue, file: String, channels count: Int) throws(CheckpointError) {
        let fields = try ConfigurationFields(value, file: file)
        let ids = 0...Limits.vocabulary
        padToken = try fields.optionalInteger("pad_token_id", in: ids)
        beginToken = try fields.optionalInteger("bos_token_id", in: ids)
        lengthMax = try fields.optionalInteger("max_length", in: 1...Limits.positions)
        newTokensMax = try fields.optionalInteger("max_new_tokens", in: 1...Limits.positions)
        endTokens = try Self.endTokens(fields, in: ids)

        if let drawn = try fields.list("do_samples"), let layers = try fields.list("layers") {
            isPerChannel = true
            doSamples = try Self.truths(drawn, fields, count: count)
            self.channels = try Self.channels(layers, fields, count: count)
        } else {
            isPerChannel = false
            let drawn = try fields.bool("do_sample", default: false)
            doSamples = Array(repeating: drawn, count: count)
            self.channels = Array(repeating: try Self.channel(fields), count: count)
        }
    }

    private static func endTokens(_ fields: ConfigurationFields, in ids: ClosedRange<Int>) throws(CheckpointError)
        -> [Int]
    {
        let name = "eos_token_id"
        guard let elements = fields[name]?.asList else {
            return try fields.optionalInteger(name, in: ids).map { [$0] } ?? []
        }
        let numbers = elements.compactMap(\.asInteger)
        guard numbers.count == elements.count, numbers.count <= 64, numbers.allSatisfy(ids.contains) else {
            throw fields.bad(name, "is not a list of ids")
        }
        return numbers
    }

    private static func truths(_ list: [ConfigurationValue], _ fields: ConfigurationFields, count: Int)
        throws(CheckpointError) -> [Bool]
    {
        guard list.count == count else {
            throw fields.bad("do_samples", "has \(list.count) entries for \(count) channels")
        }
        var truths: [Bool] = []
        for (index, entry) in list.enumerated() {
            guard case .bool(let truth) = entry else {
                throw fields.bad("do_samples[\(index)]", "is \(entry.kind); allowed is true or false")
            }
            truths.append(truth)
        }
        return truths
    }

    private static func channels(_ list: [ConfigurationValue], _ fields: ConfigurationFields, count: Int)
        throws(CheckpointError) -> [Channel]
    {
        guard list.count == count else { throw fields.bad("layers", "has \(list.count) entries for \(count) channels") }
        var channels: [Channel] = []
        for (index, entry) in list.enumerated() {
            channels.append(
                try channel(ConfigurationFields(entry, file: fields.file, path: fields.path + "layers[\(index)]")))
        }
        return channels
    }

    private static func channel(_ fields: ConfigurationFields) throws(CheckpointError) -> Channel {
        // 0 is how some files say "not applied"; the reference would refuse it.
        let topK = try fields.optionalInteger("top_k", in: 0...Limits.vocabulary)
        return Channel(
            repetitionPenalty: try fields.optionalNumber("repetition_penalty", in: 1e-3...1e3),
            temperature: try fields.optionalNumber("temperature", in: 1e-3...1e3),
            topK: topK == 0 ? nil : topK,
            topP: try fields.optionalNumber("top_p", in: 0...1))
    }
}
