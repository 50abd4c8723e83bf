/// One line of a JSONL file as the original's inference reads it: a script and the prompt to say it with.
///
/// Two forms are published: one prompt that both speakers share (`prompt_audio`, `prompt_text`), or one for each
/// (`prompt_audio_speaker1`, `prompt_text_speaker1`, and so for 2). What is let through differs between versions.
public struct DialogueItem: Equatable, Sendable {
    /// Where a prompt's sound is to be found.
    public enum Audio: Equatable, Sendable {
        /// A path, joined to `base_path` where there is one; may be empty.
        case path(String)
        case null
        /// Some other JSON, as it was written: nothing that a file can be read from.
        case other(json: String)
    }

    public enum PromptAudio: Equatable, Sendable {
        case shared(Audio)
        case perSpeaker(Audio, Audio)
    }

    /// The script; nil where the item has null.
    public let text: String?
    /// What the prompts say, of both speakers in one; nil where the item has null.
    public let promptText: String?
    public let promptAudio: PromptAudio
    /// What each speaker's prompt says, where there is one a speaker; empty where one prompt has both.
    public let speakerTranscripts: [String?]
    private let version: DialogueVersion

    init(
        text: String?, promptText: String?, promptAudio: PromptAudio, speakerTranscripts: [String?] = [],
        version: DialogueVersion
    ) {
        self.text = text
        self.promptText = promptText
        self.promptAudio = promptAudio
        self.speakerTranscripts = speakerTranscripts
        self.version = version
    }

    /// Prompt text followed by the script, with nothing between.
    ///
    /// - Throws: where the original cannot join them either: null is no text.
    public func fullText() throws(DialogueItemError) -> String {
        guard let text else { throw DialogueItemError(.notText(key: "text")) }
        if let promptText { return promptText + text }
        guard version == .v07 else { throw DialogueItemError(.notText(key: "prompt_text")) }
        return text
    }

    /// The files whose sound makes the prompt, to be joined in this order; none for a script without a prompt.
    public func promptFiles() throws(DialogueItemError) -> [String] {
        let audios: [(key: String, audio: Audio)] =
            switch promptAudio {
            case .shared(let audio): [("prompt_audio", audio)]
            case .perSpeaker(let first, let second):
                [("prompt_audio_speaker1", first), ("prompt_audio_speaker2", second)]
            }
        var files: [String] = []
        for (key, audio) in audios {
            switch audio {
            case .path(let path): if !path.isEmpty { files.append(path) }
            case .null: continue
            case .other: throw DialogueItemError(.notText(key: key))
            }
        }
        return files
    }
}

/// Why a line is no item.
public struct DialogueItemError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Problem: Equatable, Sendable {
        case malformed(JSONError)
        /// The key must hold text and does not.
        case notText(key: String)
        case emptyPromptAudio
        case noPrompt
        case relativePathWithoutBase(String)
    }

    public let problem: Problem
    /// Line of the file, from 1; nil for an item that came alone.
    public let line: Int?

    init(_ problem: Problem, line: Int? = nil) {
        self.problem = problem
        self.line = line
    }

    public var description: String { (line.map { "line \($0): " } ?? "") + words }

    private var words: String {
        switch problem {
        case .malformed(let error): "no item: \(error)"
        case .notText(let key): "\(key) must be text"
        case .emptyPromptAudio: "prompt_audio is empty: name a file, or leave the key out and name one for each speaker"
        case .noPrompt:
            "no prompt: give prompt_audio, or both prompt_audio_speaker1 and prompt_audio_speaker2; this version of the"
                + " model does not speak without"
        case .relativePathWithoutBase(let path): "\(path): give base_path, or the whole path from /"
        }
    }
}
