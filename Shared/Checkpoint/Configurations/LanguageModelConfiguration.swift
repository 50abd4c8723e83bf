public import Foundation

/// `config.json` of a MOSS-TTSD language model: Qwen3 with one embedding and one head per channel.
///
/// Both published styles have the same flat fields: the reference class's own (`AsteroidTTSInstruct`) and `moss_ttsd`.
/// A snapshot fused with its codec (`moss_ttsd_with_codec`) has them too, beside `codec_config`. What a file leaves out has the
/// default of the reference's class, if that has one.
public struct LanguageModelConfiguration: Equatable, Sendable {
    /// `vocab_size`: ids of channel 0, text and speech together.
    public var vocabularySize: Int
    /// `hidden_size`.
    public var hiddenSize: Int
    /// `intermediate_size`: inner width of the gated feed-forward.
    public var intermediateSize: Int
    /// `num_hidden_layers`.
    public var layers: Int
    /// `num_attention_heads`.
    public var attentionHeads: Int
    /// `num_key_value_heads`; divides `attentionHeads`.
    public var keyValueHeads: Int
    /// `head_dim`, by default `hidden_size / num_attention_heads`; even.
    public var headSize: Int
    /// `rms_norm_eps`.
    public var normEpsilon: Double
    /// `rope_theta`.
    public var ropeTheta: Double
    /// `tie_word_embeddings`, as the file says it. The reference ties the heads whatever it says.
    public var tiesWordEmbeddings: Bool
    /// `max_position_embeddings`: the context it claims, in rows.
    public var positionsMax: Int
    /// `channels`: codebooks, the first of which shares its vocabulary with text.
    public var channels: Int
    /// `speech_vocab_size`: ids of channels 1 and up, the pad included.
    public var speechVocabularySize: Int
    /// `speech_pad_token` of channels 1 and up.
    public var speechPadToken: Int
    /// `speech_token_range`: channel 0's ids that are codes of the first codebook, half open.
    public var speechTokenRange: Range<Int>
    /// `speech_eos_token`, where the file has it; else the id of `<|end_of_speech|>` in the tokenizer is it.
    public var speechEndToken: Int?
    /// `pad_token_id`.
    public var padToken: Int
    /// `bos_token_id`.
    public var beginToken: Int?
    /// `eos_token_id`: what channel 0 is filled with after the end of speech. Not the token that ends speech.
    public var endToken: Int
    /// `architectures[0]`.
    public var architecture: String?
    /// `model_type`.
    public var modelType: String?
}

extension LanguageModelConfiguration {
    public init(file: URL) throws(CheckpointError) {
        try self.init(ConfigurationFile.json(file), file: file.path)
    }

    init(_ value: ConfigurationValue, file: String) throws(CheckpointError) {
        let fields = try ConfigurationFields(value, file: file)
        vocabularySize = try fields.integer("vocab_size", in: 1...Limits.vocabulary)
        hiddenSize = try fields.integer("hidden_size", in: 1...Limits.width)
        intermediateSize = try fields.integer("intermediate_size", in: 1...Limits.innerWidth)
        layers = try fields.integer("num_hidden_layers", in: 1...Limits.layers)
        attentionHeads = try fields.integer("num_attention_heads", in: 1...Limits.heads)
        keyValueHeads = try fields.integer("num_key_value_heads", in: 1...Limits.heads, default: attentionHeads)
        guard attentionHeads % keyValueHeads == 0 else {
            throw fields.bad(
                "num_key_value_heads", "is \(keyValueHeads), which does not divide \(attentionHeads) heads")
        }
        if let size = try fields.optionalInteger("head_dim", in: 2...Limits.headSize) {
            headSize = size
        } else {
            guard hiddenSize % attentionHeads == 0 else {
                throw fields.bad("hidden_size", "is \(hiddenSize), which \(attentionHeads) heads do not divide")
            }
            headSize = hiddenSize / attentionHeads
        }
        guard headSize % 2 == 0 else { throw fields.bad("head_dim", "is \(headSize); rotation takes pairs") }
        normEpsilon = try fields.number("rms_norm_eps", in: 1e-12...1e-1, default: 1e-6)
        ropeTheta = try Self.ropeTheta(fields)
        tiesWordEmbeddings = try fields.bool("tie_word_embeddings", default: false)
        positionsMax = try fields.integer("max_position_embeddings", in: 1...Limits.positions, default: 32_768)

        channels = try fields.integer("channels", in: 1...Limits.channels, default: 8)
        speechVocabularySize = try fields.integer("speech_vocab_size", in: 2...Limits.vocabulary, default: 1025)
        speechPadToken = try fields.integer("speech_pad_token", in: 0...speechVocabularySize - 1, default: 1024)
        guard speechPadToken < speechVocabularySize else {
            throw fields.bad("speech_pad_token", "is \(speechPadToken), not below speech_vocab_size")
        }
        speechTokenRange = try Self.speechTokenRange(fields, vocabularySize: vocabularySize)

        let ids = 0...vocabularySize - 1
        let endToken = try fields.optionalInteger("eos_token_id", in: ids)
        padToken = try fields.integer("pad_token_id", in: ids, default: endToken)
        beginToken = try fields.optionalInteger("bos_token_id", in: ids)
        self.endToken = endToken ?? padToken
        speechEndToken = try fields.optionalInteger("speech_eos_token", in: ids)
        architecture = try fields.list("architectures")?.first?.asString
        modelType = try fields.string("model_type", default: "")
        if modelType?.isEmpty == true { modelType = nil }

        try Self.refuseWhatIsNotBuilt(fields)
    }

    private static func speechTokenRange(_ fields: ConfigurationFields, vocabularySize: Int) throws(CheckpointError)
        -> Range<Int>
    {
        let name = "speech_token_range"
        guard let ends = try fields.list(name) else { throw fields.absent(name) }
        let numbers = ends.compactMap(\.asInteger)
        guard numbers.count == 2, ends.count == 2, 0 <= numbers[0], numbers[0] < numbers[1],
            numbers[1] <= vocabularySize
        else {
            throw fields.bad(name, "is not [first, end] with 0 <= first < end <= vocab_size")
        }
        return numbers[0]..<numbers[1]
    }

    /// `rope_theta`, which newer writers put into `rope_parameters`.
    private static func ropeTheta(_ fields: ConfigurationFields) throws(CheckpointError) -> Double {
        guard fields.contains("rope_parameters") else {
            return try fields.number("rope_theta", in: 1...1e12, default: 10_000)
        }
        let rope = try fields.table("rope_parameters")
        try rope.require("rope_type", toBe: "default")
        return try rope.number("rope_theta", in: 1...1e12, default: 10_000)
    }

    /// Settings that would change the numbers and that no published model has.
    private static func refuseWhatIsNotBuilt(_ fields: ConfigurationFields) throws(CheckpointError) {
        try fields.require("hidden_act", toBe: "silu")
        for name in ["attention_bias", "use_sliding_window"] where try fields.bool(name, default: false) {
            throw CheckpointError(.unsupported, file: fields.file, subject: fields.path + name, "true is not built")
        }
        if fields.contains("rope_scaling") {
            throw CheckpointError(
                .unsupported, file: fields.file, subject: fields.path + "rope_scaling", "is not built")
        }
    }
}
