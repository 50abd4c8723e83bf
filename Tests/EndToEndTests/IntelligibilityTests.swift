import Audio
import Foundation
import TestSupport
import Testing

/// What a listener gets from the embedded model through the services: the right words, to the end, in the right voice.
///
/// The floors lie under what was measured (`Shared/DemoVoice/MODEL_CARD.md`) by what another machine's rounding may move.
@Suite struct IntelligibilityTests {
    private static let wordsRightMin = 0.68
    private static let turnsInTheRightVoiceMin = 0.9
    /// Each dialogue is spoken with each of these, so that no seed's luck decides.
    private static let seeds = 7...9
    private static let truncatedMax = 1
    /// Shorter than this share of the teachers' speech is truncated.
    private static let lengthMin = 0.6
    /// Between anna, who is higher, and david.
    private static let pitchBetween = 140.0

    @Test func newDialoguesAreUnderstoodToTheirEndInTheRightVoices() async throws {
        try await RunningSuite.with { suite in
            let home = suite.home
            let spoken = Self.seeds.flatMap { seed in HeldOutDialogue.all.map { (seed: seed, dialogue: $0) } }
            let dialogues = spoken.map(\.dialogue)
            var clips: [AudioClip] = []
            for (number, (seed, dialogue)) in spoken.enumerated() {
                let file = home.path("\(number).wav")
                let outcome = try await home.colloquy(
                    "speak", "--seed", "\(seed)", "--voice", "S1=anna", "--voice", "S2=david", "--max-seconds", "40",
                    "-o",
                    file, dialogue.script)
                try #require(outcome.isSuccess, "\(outcome.errors)")
                clips.append(try AudioClip(path: file))
            }
            #expect(clips.allSatisfy { $0.sampleRate == 16000 })

            let recogniser = try Recogniser(vocabulary: HeldOutDialogue.vocabulary, home: home)
            let heard = try await recogniser.hear(dialogues.indices.map(String.init))
            try #require(heard.count == dialogues.count)
            let wrong = zip(dialogues, heard).reduce(0) { $0 + min($1.0.words.count, edits($1.0.words, $1.1)) }
            let right = 1 - Double(wrong) / Double(dialogues.reduce(0) { $0 + $1.words.count })
            #expect(right >= Self.wordsRightMin, "\(right); heard: \(heard.map { $0.joined(separator: " ") })")

            let truncated = zip(dialogues, clips).filter {
                $0.1.durationSeconds < Self.lengthMin * $0.0.teacherSeconds
            }.count
            #expect(truncated <= Self.truncatedMax, "of \(clips.count)")

            let voices = zip(dialogues, clips).flatMap { dialogue, clip in
                dialogue.middles.enumerated().map { turn, part in
                    (Pitch.median(clip, part: part) ?? 0 > Self.pitchBetween) == turn.isMultiple(of: 2)
                }
            }
            let inRightVoice = Double(voices.filter { $0 }.count) / Double(voices.count)
            #expect(inRightVoice >= Self.turnsInTheRightVoiceMin, "turns in their voices: \(voices)")
        }
    }
}
