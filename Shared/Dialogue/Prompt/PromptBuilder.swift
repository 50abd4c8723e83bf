public import Tokens

/// Makes the rows that a language model starts from, out of a script and a prompt.
///
/// What differs between models comes in by its values: tokenizer, version of the text rules, channels, pads and speech
/// ids (as `DelayPattern`).
public struct PromptBuilder: Sendable {
    public let tokenizer: Tokenizer
    public let version: DialogueVersion
    public let pattern: DelayPattern
    public let layout: PromptLayout

    /// - Throws: `PromptError.missingToken` when the vocabulary is not that of a dialogue model.
    public init(
        tokenizer: Tokenizer, version: DialogueVersion, pattern: DelayPattern, layout: PromptLayout = PromptLayout()
    ) throws(PromptError) {
        for token in PromptLayout.tokens where tokenizer.id(of: token) == nil { throw .missingToken(token) }
        self.tokenizer = tokenizer
        self.version = version
        self.pattern = pattern
        self.layout = layout
    }

    /// The prompt, ready for the model.
    ///
    /// - Parameters:
    ///   - script: What is to be said, with tags `[S1]`, `[S2]`.
    ///   - promptText: What the prompt's sound says, with tags; see `PromptLayout.promptText(of:)`.
    ///   - promptCodes: The prompt's sound, `[frames, codebooks]`; nil without one.
    ///   - normalize: Applies the text rules of the version; nil as the original does when nobody says.
    ///   - readsReservedTokens: Lets text write out special tokens, as the original does. A service must not: such text
    ///     could end the prompt early or speak in the model's own signs.
    /// - Returns: `[text tokens + frames + channels - 1, channels]`, shifted.
    public func grid(
        script: String, promptText: String = "", promptCodes: CodeMatrix? = nil, normalize: Bool? = nil,
        readsReservedTokens: Bool = false
    ) throws(PromptError) -> TokenGrid {
        let text = text(script: script, promptText: promptText, normalize: normalize)
        if !readsReservedTokens, let token = tokenizer.addedTokens(in: text).first { throw .reservedToken(token) }
        let sequence = layout.sequence(PromptLayout.withSpeakerTokens(text))
        return pattern.shift(try rows(sequence: sequence, promptCodes: promptCodes))
    }

    /// Prompt text and script as one, by the text rules if wanted, still with tags.
    public func text(script: String, promptText: String = "", normalize: Bool? = nil) -> String {
        let joined = promptText + script
        return normalize ?? version.normalizesByDefault ? Normalizer(version: version).normalize(joined) : joined
    }

    /// The rows of a sequence and the codes behind it, not yet shifted: `[text tokens + frames, channels]`.
    ///
    /// A text row has its id in channel 0 and pads beside it; the row of a frame its codes, the first among the speech
    /// ids.
    public func rows(sequence: String, promptCodes: CodeMatrix?) throws(PromptError) -> TokenGrid {
        var grid = TokenGrid(channels: pattern.channels)
        var row = pattern.pads
        for id in tokenizer.encode(sequence) {
            row[0] = id
            grid.append(row: row)
        }
        guard let codes = promptCodes else { return grid }
        guard codes.codebooks == pattern.channels else {
            throw .codebooks(codes.codebooks, channels: pattern.channels)
        }
        for frame in 0..<codes.frames {
            for channel in 0..<pattern.channels { row[channel] = Int32(codes[frame, channel]) }
            row[0] = Int32(clamping: Int(row[0]) + Int(pattern.speechTokenStart))
            grid.append(row: row)
        }
        return grid
    }

    /// Reads a script as people write it, and refuses what this model would not say as it is meant.
    ///
    /// - Parameter normalize: as in `grid`: the text rules also take `[1]` for a tag.
    public func script(_ text: String, normalize: Bool? = nil) throws(ScriptError) -> Script {
        let script = try Script(
            text, speakers: PromptLayout.speakerTokens.count,
            numericTags: normalize ?? version.normalizesByDefault)
        if let token = tokenizer.addedTokens(in: text).first {
            throw ScriptError(.reservedToken(token), in: text, before: token)
        }
        return script
    }
}

/// Why no prompt can be built.
public enum PromptError: Error, Equatable, Sendable, CustomStringConvertible {
    case missingToken(String)
    case reservedToken(String)
    case codebooks(Int, channels: Int)

    public var description: String {
        switch self {
        case .missingToken(let token):
            "the tokenizer has no token \(token): it is not that of a MOSS-TTSD model, or its added tokens are missing"
        case .reservedToken(let token):
            "the text contains \(token), which is a sign of the model's own; write it otherwise"
        case .codebooks(let codebooks, let channels):
            "a prompt of \(codebooks) codebooks for a model of \(channels) channels: codec and model do not belong together"
        }
    }
}
