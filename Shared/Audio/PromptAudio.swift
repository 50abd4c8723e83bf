/// Prompt audio as the codec's encoder takes it: mono float32 at 16 kHz. No loudness is changed, nothing is trimmed.
public enum PromptAudio {
    /// In Hz.
    public static let sampleRate = 16_000

    /// A file as 16 kHz mono.
    public static func loadMono16k(
        path: String, order: MonoOrder = .resampleThenAverage, limits: AudioLimits = AudioLimits()
    ) throws(AudioError) -> [Float] {
        try AudioClip(path: path, limits: limits).mono(at: sampleRate, order: order)
    }

    /// A file in memory as 16 kHz mono; `source` is what errors call it.
    public static func loadMono16k(
        bytes: [UInt8], source: String = "audio", order: MonoOrder = .resampleThenAverage,
        limits: AudioLimits = AudioLimits()
    ) throws(AudioError) -> [Float] {
        try AudioClip(bytes: bytes, source: source, limits: limits).mono(at: sampleRate, order: order)
    }

    /// The speakers' prompts end to end, with nothing between them and no fade.
    public static func merged(_ speakers: [[Float]]) -> [Float] { Array(speakers.joined()) }

    /// `samples` and behind them `⌊seconds · 16000⌋` zeros (`silence_duration` of the reference).
    ///
    /// - Throws: `AudioError.invalidDuration` for less than nothing, more than a day, or no number.
    public static func appendingSilence(seconds: Double, to samples: [Float]) throws(AudioError) -> [Float] {
        samples + [Float](repeating: 0, count: try SampleCount.of(seconds: seconds, at: sampleRate))
    }
}
