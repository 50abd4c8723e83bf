/// How many samples a duration is.
enum SampleCount {
    /// A day. It bounds the silence that a caller can ask for.
    private static let secondsMax = 86_400.0

    /// `⌊seconds · rate⌋`, in double precision as the reference does it.
    static func of(seconds: Double, at sampleRate: Int) throws(AudioError) -> Int {
        guard seconds >= 0, seconds <= secondsMax else { throw AudioError.invalidDuration(seconds: seconds) }
        return Int(seconds * Double(max(0, sampleRate)))
    }
}
