public import Checkpoint
public import Tokens

/// The ids that steer a generation; three of them that are easily taken for one (golden/README.md, L4).
public struct GenerationRules: Equatable, Sendable {
    /// Channel 0's ids that are codes of the first codebook; the first one is code 0. Any other id ends the speech.
    public var speechTokens: Range<Int32>
    /// `<|end_of_speech|>`: may not come while the prompt's tail is read.
    public var endOfSpeech: Int32
    /// What channel 0 is filled with while the other channels run out: `eos_token_id` of `config.json`.
    public var filler: Int32

    public init(speechTokens: Range<Int32>, endOfSpeech: Int32, filler: Int32) {
        self.speechTokens = speechTokens
        self.endOfSpeech = endOfSpeech
        self.filler = filler
    }

    /// - Parameter endOfSpeech: `speech_eos_token` of the configuration, or the id of `<|end_of_speech|>` in the tokenizer.
    public init(_ configuration: LanguageModelConfiguration, endOfSpeech: Int) {
        let speech = configuration.speechTokenRange
        self.init(
            speechTokens: Int32(clamping: speech.lowerBound)..<Int32(clamping: speech.upperBound),
            endOfSpeech: Int32(clamping: endOfSpeech), filler: Int32(clamping: configuration.endToken))
    }
}

/// What to say: a prompt's matrix, how to draw, when to stop. Another generator makes the same frames of it.
public struct GenerationRequest: Sendable {
    /// The shifted matrix, `[rows, channels]`, the `channels - 1` tail rows of the shift included.
    public var prompt: TokenGrid
    /// Leading rows of the prompt that are padding: not read, but in the history of the repetition penalty, where the
    /// reference has them when it pads a batch at the left.
    public var paddingRows = 0
    public var seed: UInt64
    /// One per channel.
    public var sampling: [ChannelSampling]
    /// Frames to make at most, as the reference counts (golden/README.md, L5).
    public var maxNewTokens: Int
    public var rules: GenerationRules
    /// Frames that another generator made of this request, `[frames, codebooks]`: the generation goes on behind them,
    /// with the same frames as if it had never stopped.
    public var resumeFrames: CodeMatrix?

    public init(
        prompt: TokenGrid, seed: UInt64, sampling: [ChannelSampling], maxNewTokens: Int, rules: GenerationRules,
        resumeFrames: CodeMatrix? = nil
    ) {
        self.prompt = prompt
        self.seed = seed
        self.sampling = sampling
        self.maxNewTokens = maxNewTokens
        self.rules = rules
        self.resumeFrames = resumeFrames
    }

    /// Rows before the first generated one.
    var baseRows: Int { prompt.rows - (prompt.channels - 1) }

    /// Rows that the cache may have to hold: all that are generated, the flush behind the limit among them.
    var cacheRowsMax: Int { baseRows - paddingRows + maxNewTokens + 2 * (prompt.channels - 1) }

    /// Holds the request against the model: channels, ids, lengths, ranges. Everything after may rely on it.
    ///
    /// - Parameter rowsMax: Rows of a sequence that are allowed.
    func check(_ model: LanguageModelConfiguration, rowsMax: Int) throws(LanguageModelError) {
        guard prompt.channels == model.channels else {
            throw .wrongChannels(given: prompt.channels, expected: model.channels)
        }
        guard paddingRows >= 0 else {
            throw .badField(name: "paddingRows", value: "\(paddingRows)", allowed: "0 and up")
        }
        guard baseRows - paddingRows >= 1 else {
            throw .promptTooShort(rows: prompt.rows - paddingRows, minimum: model.channels)
        }
        guard maxNewTokens >= 1 else {
            throw .badField(name: "maxNewTokens", value: "\(maxNewTokens)", allowed: "1 and up")
        }
        guard maxNewTokens <= rowsMax, cacheRowsMax <= rowsMax else {
            throw .tooLong(rows: baseRows - paddingRows + min(maxNewTokens, Int(Int32.max)), maximum: rowsMax)
        }
        guard sampling.count == model.channels else {
            throw .badField(name: "sampling", value: "\(sampling.count) channels", allowed: "\(model.channels)")
        }
        for (channel, settings) in sampling.enumerated() { try settings.check(channel) }
        try checkIDs(model)
        try checkFrames(model)
    }

    private func checkIDs(_ model: LanguageModelConfiguration) throws(LanguageModelError) {
        let vocabulary = Int32(0)..<Int32(clamping: model.vocabularySize)
        for (name, id) in [("rules.endOfSpeech", rules.endOfSpeech), ("rules.filler", rules.filler)]
        where !vocabulary.contains(id) {
            throw .badField(name: name, value: "\(id)", allowed: "\(vocabulary)")
        }
        guard rules.speechTokens.clamped(to: vocabulary) == rules.speechTokens, rules.speechTokens.count <= 65_536,
            !rules.speechTokens.isEmpty
        else {
            throw .badField(
                name: "rules.speechTokens", value: "\(rules.speechTokens)", allowed: "1 to 65536 ids in \(vocabulary)")
        }
        for (offset, id) in prompt.ids.enumerated() {
            let channel = offset % prompt.channels
            let size = model.vocabulary(of: channel)
            guard id >= 0, Int(id) < size else {
                throw .idOutOfVocabulary(row: offset / prompt.channels, channel: channel, id: Int(id), size: size)
            }
        }
    }

    private func checkFrames(_ model: LanguageModelConfiguration) throws(LanguageModelError) {
        guard let frames = resumeFrames else { return }
        guard frames.codebooks == model.channels else {
            throw .wrongChannels(given: frames.codebooks, expected: model.channels)
        }
        guard frames.frames <= maxNewTokens else {
            throw .badField(
                name: "resumeFrames", value: "\(frames.frames) frames", allowed: "up to maxNewTokens, \(maxNewTokens)")
        }
        for (offset, code) in frames.codes.enumerated() {
            let channel = offset % frames.codebooks
            let size = channel == 0 ? rules.speechTokens.count : model.speechVocabularySize
            guard Int(code) < size else {
                throw .idOutOfVocabulary(row: offset / frames.codebooks, channel: channel, id: Int(code), size: size)
            }
        }
    }
}
