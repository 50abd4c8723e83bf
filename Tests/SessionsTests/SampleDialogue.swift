import Contracts
import Sessions
import Tokens

/// A dialogue with made-up models, small numbers, and sizes that no published model has.
enum SampleDialogue {
    static let codebooks = 3
    static let channels = 4
    static let framesPerSecond = 10.0
    static let sampleRate = 50

    static func facts(_ change: (inout ModelFacts) -> Void = { _ in }) -> ModelFacts {
        var facts = ModelFacts()
        facts.name = "sample"
        facts.flavor = "v0.5"
        facts.codecHash = "c0dec"
        facts.languageModelHash = "1a"
        facts.channels = channels
        facts.codebooks = codebooks
        facts.speakers = 3
        facts.framesPerSecond = framesPerSecond
        facts.outputSampleRate = sampleRate
        change(&facts)
        return facts
    }

    static func worker(
        _ service: String, process: UInt64 = 1, _ change: (inout ModelFacts) -> Void = { _ in }
    ) -> PeerDescription {
        PeerDescription(
            service: service, software: "1", instance: Array(repeating: UInt8(process), count: 16), process: process,
            host: "here", slots: 1, methods: [], model: facts(change))
    }

    static func models(flavor: String = "v0.5") throws -> AgreedModels {
        try AgreedModels(workers: [
            worker("codec", process: 11) { $0.flavor = flavor }, worker("generator", process: 12),
        ])
    }

    static func voice(_ name: String) -> VoiceSummary {
        var voice = VoiceSummary()
        voice.id = "id-" + name
        voice.name = name
        voice.transcript = "\(name) says this."
        return voice
    }

    /// Frames with numbers that tell their place.
    static func frames(_ range: Range<Int>) -> CodeMatrix {
        CodeMatrix(
            codebooks: codebooks, codes: range.flatMap { frame in (0..<codebooks).map { UInt16(frame * 8 + $0) } })
    }

    static func built(
        rows: Int = 5, codes: CodeMatrix? = nil, reference: CodeMatrix? = nil, channels: Int = channels
    ) -> BuildPromptResponse {
        BuildPromptResponse(
            matrix: TokenGrid(channels: channels, ids: Array(repeating: 7, count: rows * channels)), codes: codes,
            referenceCodes: reference, text: "as read", warnings: ["a warning"], scriptTokens: 3)
    }

    static func generated(_ frames: Int) -> GenerateResponse {
        GenerateResponse(
            finish: .endOfSpeech, frames: frames, steps: frames + 3, prefillSeconds: 0.25, decodeSeconds: 0.5)
    }

    /// A request whose cast is of the library alone.
    static func request(voices: [String] = ["anna", "david"]) -> SpeakRequest {
        SpeakRequest(
            script: "[S1]Hello.[S2]Hi.",
            speakers: voices.enumerated().map { SpeakerSource(number: $0.offset + 1, source: .voice($0.element)) },
            seed: 5)
    }
}
