public import Tokens

/// The prompts of a cast: one voice a speaker, in speaker order.
public struct CastPrompts: Equatable, Sendable {
    /// Names these prompts, their order and the silence behind them; codes are stored under it.
    public let key: String
    public let voices: [Voice]
    /// Sound files as they are, one a voice; empty when codes and reference are known, because nobody needs them then.
    public let audio: [[UInt8]]
    /// Of the joined sound, for the codec that was named; nil when they are not known.
    public let codes: CastCodes?
}

/// What a codec made of the joined prompts of a cast. The codes of each voice alone, one after the other, are not the
/// same: the encoder sees across the joint.
public struct CastCodes: Equatable, Sendable {
    /// `[frames, codebooks]`, silence included.
    public let joined: CodeMatrix
    /// `[frames, codebooks]`: the decoder's reference; nil where the model's version has none.
    public let reference: CodeMatrix?

    public init(joined: CodeMatrix, reference: CodeMatrix? = nil) {
        self.joined = joined
        self.reference = reference
    }
}

/// The name of a cast's prompts: a hash over their hashes in order and the silence behind them.
enum CastKey {
    static func key(audioHashes: [String], silenceSeconds: Double) -> String {
        // The bits, not the digits: no two silences share a key. -0.0 is 0.
        let silence = String((silenceSeconds == 0 ? 0 : silenceSeconds).bitPattern, radix: 16)
        let text = (["colloquy cast 1", silence] + audioHashes).joined(separator: "\n")
        return ContentHash.hash(Array(text.utf8))
    }
}
