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
        name = try VoiceName(given.name)
        transcript = try VoiceTexts.transcript(given.transcript, limits: limits)
        language = try VoiceTexts.language(given.language)
        guard !given.audio.isEmpty else { throw .invalid(field: "audio", reason: "is empty; give a sound file") }
        guard given.audio.count <= limits.audioBytes else {
            throw .tooLarge(field: "audio", count: given.audio.count, limit: limits.audioBytes)
        }
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

    /// What a search looks through.
    var searchText: String { Self.searchText(name: name, transcript: transcript) }

    static func searchText(name: VoiceName, transcript: String) -> String {
        name.key + "\n" + CaseFolding.fold(transcript)
    }
}
