/// What stands where in a prompt, as the model was trained on it: one system line, the text of prompt and script, then
/// the codes of the prompt's sound, after which the model goes on speaking.
public struct PromptLayout: Equatable, Sendable {
    public var systemText: String

    public init(systemText: String = Self.trainedSystemText) { self.systemText = systemText }

    /// The line all published versions were trained with.
    public static let trainedSystemText =
        "You are a speech synthesizer that generates natural, realistic, and human-like conversational audio from dialogue"
        + " text."

    /// What the tags `[S1]`, `[S2]` become, in that order. Tags of higher speakers stay text.
    public static let speakerTokens = ["<speaker1>", "<speaker2>"]

    /// Channel 0 says it when the dialogue is over.
    public static let endOfSpeechToken = "<|end_of_speech|>"

    /// Every special token of a prompt, none of which may be split into text.
    static let tokens =
        ["<|begin_of_style|>", "<|end_of_style|>", "<|begin_of_text|>", "<|end_of_text|>", "<|begin_of_speech|>"]
        + speakerTokens

    /// The string that is given to the tokenizer.
    ///
    /// - Parameter finalText: prompt text and script, with speaker tokens.
    public func sequence(_ finalText: String) -> String {
        "<|begin_of_style|>\(systemText)<|end_of_style|>\n<|begin_of_text|>\(finalText)<|end_of_text|>\n<|begin_of_speech|>"
    }

    /// Puts speaker tokens in the place of tags. Byte for byte: a mark after the bracket must not hide it.
    public static func withSpeakerTokens(_ text: String) -> String {
        let replacements = speakerTokens.enumerated().map { (Array("[S\($0 + 1)]".utf8), Array($1.utf8)) }
        let source = Array(text.utf8)
        var replaced: [UInt8] = []
        replaced.reserveCapacity(source.count)
        var position = 0
        scan: while position < source.count {
            if source[position] == UInt8(ascii: "[") {
                for (tag, token) in replacements where source[position...].starts(with: tag) {
                    replaced.append(contentsOf: token)
                    position += tag.count
                    continue scan
                }
            }
            replaced.append(source[position])
            position += 1
        }
        return String(decoding: replaced, as: UTF8.self)
    }

    /// The transcripts of the speakers' prompts as one: `[S1]` and what the first says, then `[S2]` and what the second
    /// says; a speaker without a transcript is left out.
    ///
    /// - Parameter transcripts: by speaker, the first first.
    public static func promptText(of transcripts: [String?]) -> String {
        var merged: [Unicode.Scalar] = []
        for (index, transcript) in transcripts.enumerated() {
            guard let transcript, !transcript.isEmpty else { continue }
            merged.append(contentsOf: "[S\(index + 1)]".unicodeScalars)
            merged.append(contentsOf: transcript.unicodeScalars)
        }
        return String(String.UnicodeScalarView(PythonCharacterClass.strip(merged[...])))
    }
}
