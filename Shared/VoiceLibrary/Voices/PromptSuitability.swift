/// Whether a sound can be the prompt of a voice, judged by what a codec measured of it.
public enum PromptSuitability {
    /// Shorter prompts do not show a voice; longer ones leave the model no room, and its encoder takes 30 s at once.
    public static let durationSeconds = 1.0...30.0
    /// Below this root mean square (-60 dB of full scale) nobody is heard: noise of a microphone, or stereo whose sides
    /// cancel each other.
    public static let silentRMS: Float = 0.001
    /// Below this peak (-30 dB) speech is heard, but takes the recording's noise with it.
    public static let quietPeak: Float = 0.0316
    /// From here on samples were very probably cut off when the sound was recorded.
    public static let clippedPeak: Float = 0.999

    /// - Parameters:
    ///   - peak: The largest absolute sample after mixing to mono, 1 being full scale.
    ///   - rms: The root mean square of the same.
    /// - Returns: What is worth telling although the prompt is taken.
    /// - Throws: `VoiceLibraryError.unsuitablePrompt`.
    public static func check(durationSeconds: Double, peak: Float, rms: Float) throws(VoiceLibraryError) -> [String] {
        try check(durationSeconds: durationSeconds)
        guard peak.isFinite, rms.isFinite, rms >= silentRMS else {
            throw .unsuitablePrompt(
                reason: "it is silent, or its two channels cancel each other; record again, nearer to the microphone, "
                    + "or give one channel only")
        }
        if peak >= clippedPeak {
            return [
                "the prompt reaches full scale, so it is probably clipped and the voice will sound rough; record "
                    + "again at a lower level"
            ]
        }
        if peak < quietPeak {
            return ["the prompt is very quiet, so its noise becomes part of the voice; record again at a higher level"]
        }
        return []
    }

    /// - Throws: `VoiceLibraryError.unsuitablePrompt`.
    public static func check(durationSeconds seconds: Double) throws(VoiceLibraryError) {
        guard durationSeconds.contains(seconds) else {
            let rounded = seconds.isFinite ? "\((seconds * 100).rounded() / 100)" : "\(seconds)"
            throw .unsuitablePrompt(
                reason:
                    "it lasts \(rounded) s; allowed are \(durationSeconds.lowerBound)...\(durationSeconds.upperBound) s, "
                    + "and 5 to 15 s of one speaker without pauses serve best")
        }
    }
}
