internal import Checkpoint
internal import Compute

/// How much of its vocabulary channel 0 is scored for.
///
/// Channel 0 shares its vocabulary with the text, of which only the ids of speech and of its end are ever meant. Its head
/// is 18 % of the bytes that a step of the published sizes reads, 27 % beside layers of 4 bits. The embedded model gives
/// the other ids 0.05 % of the likelihood while it speaks, but 13 % at its worst step: so `exact` is the default.
public enum HeadMode: Equatable, Sendable {
    /// Every id has its score, as in the original: a stray text id ends the speech.
    case exact
    /// Ids of speech, and the one that ends it; no other can be chosen. The ids are those of `exact` as long as the best
    /// so many that sampling looks at are among these.
    case speechOnly(endOfSpeech: Int)
}

/// The outputs of channel 0's head that are computed, and those among them that may not be chosen.
struct SpeechHead: Sendable {
    let first: Int
    let forbidden: [Int]

    /// Nil where every output counts.
    init?(_ mode: HeadMode, _ configuration: LanguageModelConfiguration) {
        guard case .speechOnly(let endOfSpeech) = mode else { return nil }
        let speech = configuration.speechTokenRange
        let least = min(speech.lowerBound, endOfSpeech)
        let first = least / CPUDevice.Layer.outputAlignment * CPUDevice.Layer.outputAlignment
        self.first = first
        forbidden = (first..<configuration.vocabularySize).filter { !speech.contains($0) && $0 != endOfSpeech }
    }
}
