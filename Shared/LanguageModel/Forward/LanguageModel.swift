public import Checkpoint
public import Compute

/// A MOSS-TTSD language model: Qwen3 over the sum of one embedding per channel, with one head per channel.
///
/// Activations are f32 whatever the weights are. Immutable once loaded; any number of passes may use it.
public final class LanguageModel: Sendable {
    public let configuration: LanguageModelConfiguration
    public let precision: WeightPrecision
    /// How the keys and values of its sequences are kept.
    public let keyValuePrecision: KeyValuePrecision
    public let headMode: HeadMode
    let speechHead: SpeechHead?
    package let device: CPUDevice
    let weights: LanguageModelWeights
    let angles: RotaryAngles

    /// - Parameter packed: Where packed weights come from; nil packs the tensors of `source` into memory.
    /// - Parameter keyValues: f32 is exact; bf16 takes half the memory and half the time to read
    ///   (Docs/Decisions/0010-keys-and-values-in-bfloat16.md).
    /// - Parameter headMode: Which ids of channel 0 can be chosen.
    /// - Throws: `CheckpointError` when a tensor is missing or unlike the configuration, `LanguageModelError.unsupported`
    ///   when the configuration has a size that is not built for.
    public init(
        _ source: any TensorSource, configuration: LanguageModelConfiguration, device: CPUDevice,
        precision: WeightPrecision = .stored, packed: (any PackedWeights)? = nil,
        keyValues: KeyValuePrecision = .f32, headMode: HeadMode = .exact
    ) throws {
        try Self.check(configuration)
        if case .speechOnly(let end) = headMode, !(0..<configuration.vocabularySize).contains(end) {
            throw LanguageModelError.unsupported(
                field: "id of the end of speech", value: end, allowed: 0...configuration.vocabularySize - 1)
        }
        self.configuration = configuration
        self.precision = precision
        keyValuePrecision = keyValues
        self.headMode = headMode
        speechHead = SpeechHead(headMode, configuration)
        self.device = device
        weights = try LanguageModelWeights(
            source, configuration, precision, packed: packed ?? PackingInMemory(source, pool: device.pool))
        angles = RotaryAngles(headSize: configuration.headSize, theta: configuration.ropeTheta)
    }

    /// Bytes of keys and values per row of a sequence: `2 * layers * keyValueHeads * headSize` elements.
    public var cacheBytesPerRow: Int {
        2 * keyValuePrecision.bytes * configuration.layers * configuration.keyValueHeads * configuration.headSize
    }

    /// Bytes of weights that a decode step reads.
    public var weightBytes: Int {
        weights.heads.reduce(0) { $0 + $1.weights.byteCount }
            + weights.layers.reduce(0) { sum, layer in
                [layer.query, layer.key, layer.value, layer.output, layer.gate, layer.up, layer.down]
                    .reduce(sum) { $0 + $1.byteCount }
            }
    }

    /// What a score is multiplied by.
    var attentionScale: Float { Float(1 / Double(configuration.headSize).squareRoot()) }

    package var cacheLayout: KeyValueLayout {
        KeyValueLayout(
            layers: configuration.layers, heads: configuration.keyValueHeads, headSize: configuration.headSize,
            precision: keyValuePrecision)
    }

    private static func check(_ configuration: LanguageModelConfiguration) throws(LanguageModelError) {
        func require(_ field: String, _ value: Int, _ allowed: ClosedRange<Int>) throws(LanguageModelError) {
            guard allowed.contains(value) else {
                throw .unsupported(field: field, value: value, allowed: allowed)
            }
        }
        try require("head_dim", configuration.headSize, 2...AttentionKernels.headSizeMax)
        // Codes travel as 16 bits.
        try require("speech_vocab_size", configuration.speechVocabularySize, 2...65_536)
        try require("speech_token_range", configuration.speechTokenRange.count, 1...65_536)
    }
}
