import Contracts

/// Who speaks in a dialogue, in the order in which prompts are joined: by speaker number.
struct Cast: Equatable, Sendable {
    let speakers: [SpeakerSource]

    /// - Parameter speakersMax: Of the model; 0 when its files do not say.
    /// - Throws: `invalidArgument` naming the speaker that cannot be.
    init(_ speakers: [SpeakerSource], speakersMax: Int) throws(CallError) {
        var seen: Set<Int> = []
        for speaker in speakers {
            guard let number = speaker.number else {
                guard speakers.count == 1 else {
                    throw CallError(
                        .invalidArgument,
                        "speakers: one prompt for all speakers stands beside \(speakers.count - 1) more; give that "
                            + "prompt alone, or one prompt for each speaker",
                        details: ["field": "speakers"])
                }
                continue
            }
            guard number >= 1, speakersMax == 0 || number <= speakersMax else {
                throw CallError(
                    .invalidArgument,
                    "speakers: S\(number) is none of this model's speakers; allowed is "
                        + (speakersMax == 0 ? "S1 and above" : "S1 to S\(speakersMax)"),
                    details: ["field": "speakers", "speaker": "\(number)"])
            }
            guard seen.insert(number).inserted else {
                throw CallError(
                    .invalidArgument, "speakers: S\(number) is given twice; allowed is one voice or prompt for each",
                    details: ["field": "speakers", "speaker": "\(number)"])
            }
        }
        self.speakers = speakers.sorted { ($0.number ?? 0) < ($1.number ?? 0) }
    }

    /// The voices of the library among them, in order.
    var voices: [String] {
        speakers.compactMap { if case .voice(let name) = $0.source { name } else { nil } }
    }

    /// Only then are the codes of their joined prompts kept: a prompt of one's own belongs to its request alone.
    var isAllFromLibrary: Bool { !speakers.isEmpty && voices.count == speakers.count }

    /// The prompts, with what the library answered put in the places of its voices.
    ///
    /// - Throws: `internal` when the library answered for other voices than it was asked, or left out a sound that is
    ///   needed.
    func prompts(with answer: PromptsResponse?) throws(CallError) -> [PromptSource] {
        let codesKnown = answer?.codes != nil
        guard answer?.voices.count ?? 0 == voices.count, codesKnown || answer?.audio.count ?? 0 == voices.count else {
            throw CallError(
                .internal,
                "the library answered \(answer?.voices.count ?? 0) voices with \(answer?.audio.count ?? 0) sounds for "
                    + "the \(voices.count) it was asked for")
        }
        var next = 0
        return speakers.map { speaker in
            switch speaker.source {
            case .prompt(let audio, let text):
                return PromptSource(text: text, speaker: speaker.number, audio: audio)
            case .voice:
                defer { next += 1 }
                return PromptSource(
                    text: answer?.voices[next].transcript ?? "", speaker: speaker.number,
                    audio: codesKnown ? nil : answer?.audio[next])
            }
        }
    }
}
