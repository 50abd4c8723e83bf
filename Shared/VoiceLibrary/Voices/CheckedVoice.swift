import Foundation

/// A new voice that keeps every rule, ready to be written.
struct CheckedVoice: Sendable {
    let name: VoiceName
    let transcript: String
    let language: String
    let audio: [UInt8]
    let audioHash: String
    let durationSeconds: Double
    let sampleRate: Int
    let codes: EncodedPrompt?

    init(_ given: NewVoice, limits: LibraryLimits) throws(VoiceLibraryError) {
        let said = try Said(
            name: given.name, transcript: given.transcript, language: given.language, audio: given.audio, limits: limits
        )
        name = said.name
        transcript = said.transcript
        language = said.language
        try PromptSuitability.check(durationSeconds: given.durationSeconds)
        guard given.sampleRate > 0 else {
            throw .invalid(field: "sample_rate", reason: "is \(given.sampleRate) Hz; it must be positive")
        }
        if let encoded = given.codes {
            try StoredCodes.check(codecHash: encoded.codecHash)
            try StoredCodes.check(encoded.codes, field: "codes", limits: limits)
        }
        audio = given.audio
        audioHash = ContentHash.hash(given.audio)
        durationSeconds = given.durationSeconds
        sampleRate = given.sampleRate
        codes = given.codes
    }

    /// What can be checked before anybody has listened to the sound.
    struct Said: Sendable {
        let name: VoiceName
        let transcript: String
        let language: String

        init(name: String, transcript: String, language: String, audio: [UInt8], limits: LibraryLimits)
            throws(VoiceLibraryError)
        {
            self.name = try VoiceName(name)
            self.transcript = try VoiceTexts.transcript(transcript, limits: limits)
            self.language = try VoiceTexts.language(language)
            guard !audio.isEmpty else { throw .invalid(field: "audio", reason: "is empty; give a sound file") }
            guard audio.count <= limits.audioBytes else {
                throw .tooLarge(field: "audio", count: audio.count, limit: limits.audioBytes)
            }
        }
    }

    /// What a search looks through.
    var searchText: String { Self.searchText(name: name, transcript: transcript) }

    static func searchText(name: VoiceName, transcript: String) -> String {
        name.key + "\n" + CaseFolding.fold(transcript)
    }
}
