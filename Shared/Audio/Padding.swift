/// Cutting and filling to a fixed length.
public enum Padding {
    /// The first `seconds` of `samples`, filled with zeros at the end when they are fewer: `⌊seconds · rate⌋` samples.
    ///
    /// - Throws: `AudioError.invalidDuration` for less than nothing, more than a day, or no number.
    public static func fit(_ samples: [Float], seconds: Double, sampleRate: Int) throws(AudioError) -> [Float] {
        fit(samples, count: try SampleCount.of(seconds: seconds, at: sampleRate))
    }

    /// The first `count` samples, filled with zeros at the end when they are fewer.
    public static func fit(_ samples: [Float], count: Int) -> [Float] {
        let kept = samples.prefix(max(0, count))
        return kept + [Float](repeating: 0, count: max(0, count - kept.count))
    }
}
