public import Tokens

/// A voice as the library knows it; its prompt's bytes are read apart (``VoiceLibrary/prompts(of:codecHash:silenceSeconds:)``).
public struct Voice: Equatable, Sendable {
    /// 32 hexadecimal digits that never change.
    public let id: String
    /// Unique, whatever the letter case; NFC.
    public let name: String
    /// What the prompt says.
    public let transcript: String
    /// BCP 47; empty where nobody said.
    public let language: String
    /// SHA-256 of the prompt's file, 64 hexadecimal digits.
    public let audioHash: String
    public let audioBytes: Int
    public let durationSeconds: Double
    /// Of the prompt's file, in Hz.
    public let sampleRate: Int
    /// RFC 3339, UTC.
    public let createdAt: String
    /// RFC 3339, UTC; changes with the name and the prompt.
    public let updatedAt: String
    /// Codecs for which the voice's own codes are kept, in ascending order.
    public let codecHashes: [String]
    /// Came with the embedded model, and nobody has replaced it since.
    public let isBuiltin: Bool
}

/// A voice to be added.
public struct NewVoice: Equatable, Sendable {
    public var name: String
    public var transcript: String
    public var language: String
    /// A sound file as it is.
    public var audio: [UInt8]
    public var durationSeconds: Double
    /// Of the file, in Hz.
    public var sampleRate: Int
    /// What a codec made of the file alone, and which codec.
    public var codes: EncodedPrompt?

    public init(
        name: String, transcript: String, language: String = "", audio: [UInt8], durationSeconds: Double,
        sampleRate: Int, codes: EncodedPrompt? = nil
    ) {
        self.name = name
        self.transcript = transcript
        self.language = language
        self.audio = audio
        self.durationSeconds = durationSeconds
        self.sampleRate = sampleRate
        self.codes = codes
    }
}

/// Codes of one prompt's file alone.
public struct EncodedPrompt: Equatable, Sendable {
    /// Names the codec's weights; hexadecimal.
    public let codecHash: String
    public let codes: CodeMatrix

    public init(codecHash: String, codes: CodeMatrix) {
        self.codecHash = codecHash
        self.codes = codes
    }
}

/// A part of a listing, in ascending order of names.
public struct VoicePage: Equatable, Sendable {
    public let voices: [Voice]
    /// The name to go on after; nil at the end.
    public let next: String?
}
