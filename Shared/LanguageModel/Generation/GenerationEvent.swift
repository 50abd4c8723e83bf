public import Tokens

/// Why a generation came to its end.
public enum FinishReason: String, Sendable {
    /// The model left the speech tokens.
    case endOfSpeech
    /// `maxNewTokens` frames are made.
    case length
}

/// What a request cost.
public struct GenerationStatistics: Equatable, Sendable {
    /// Rows of the prompt, those of resumed frames among them.
    public var promptRows = 0
    /// Of these, rows whose keys and values another request had left.
    public var sharedRows = 0
    /// Rows made, the tail and the flush among them.
    public var generatedRows = 0
    /// Frames given.
    public var frames = 0
    /// From `submit` to the first row of the prompt, from there to the first generated row, from there to the end.
    public var waitingSeconds = 0.0
    public var prefillSeconds = 0.0
    public var decodeSeconds = 0.0
}

/// What a generation tells, in order; `finished` or `failed` comes last, once.
public enum GenerationEvent: Sendable {
    /// The next frames, `[frames, codebooks]`: told as soon as the row with their last code exists.
    case frames(CodeMatrix)
    case finished(FinishReason, GenerationStatistics)
    case failed(LanguageModelError)
}
