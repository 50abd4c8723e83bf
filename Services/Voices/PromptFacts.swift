package import Audio
import VoiceLibrary

/// What a sound file says of itself, without a codec.
package struct PromptFacts: Equatable, Sendable {
    package let durationSeconds: Double
    /// In Hz.
    package let sampleRate: Int

    /// Samples of a channel that are read at once.
    private static let pieceSamples = 1 << 16

    /// Reads the file through, because a header may lie, and stops where it is too long for a prompt.
    ///
    /// - Parameter source: What errors call the file.
    package init(of file: [UInt8], source: String = "audio") throws(AudioError) {
        let limits = AudioLimits(seconds: PromptSuitability.durationSeconds.upperBound)
        let reader = try AudioReader(bytes: file, source: source, limits: limits)
        var samples = 0
        while true {
            let piece = try reader.read(Self.pieceSamples)[0].count
            samples += piece
            if piece < Self.pieceSamples { break }
        }
        durationSeconds = Double(samples) / Double(reader.sampleRate)
        sampleRate = reader.sampleRate
    }
}
