import Audio

/// How high a voice is.
enum Pitch {
    private static let frameSeconds = 0.05
    private static let hertz = 57.0...400.0
    /// A frame is voiced when it repeats itself this well; 1 is perfectly.
    private static let periodicityMin: Float = 0.4
    private static let rmsMin: Float = 0.03

    /// The median over the voiced frames, in Hz; nil when none is voiced.
    ///
    /// - Parameter part: Which share of the samples to listen to.
    static func median(_ clip: AudioClip, part: ClosedRange<Double>) -> Double? {
        let rate = Double(clip.sampleRate)
        let count = Double(clip.sampleCount)
        let samples = clip.channels[0][Int(part.lowerBound * count)..<Int(part.upperBound * count)]
        let size = Int(frameSeconds * rate)
        let pitches = stride(from: samples.startIndex, to: samples.endIndex - size, by: size / 2).compactMap { begin in
            period(samples[begin..<begin + size], lags: Int(rate / hertz.upperBound)...Int(rate / hertz.lowerBound))
                .map { rate / Double($0) }
        }.sorted()
        return pitches.isEmpty ? nil : pitches[pitches.count / 2]
    }

    /// The lag in samples at which the frame is most like itself; nil for noise and silence.
    private static func period(_ frame: ArraySlice<Float>, lags: ClosedRange<Int>) -> Int? {
        let frame = Array(frame)
        func likeness(_ lag: Int) -> Float {
            (0..<frame.count - lag).reduce(0) { $0 + frame[$1] * frame[$1 + lag] }
        }
        let power = likeness(0)
        guard power > rmsMin * rmsMin * Float(frame.count) else { return nil }
        let likenesses = lags.map { ($0, likeness($0)) }
        guard let best = likenesses.max(by: { $0.1 < $1.1 }), best.1 > periodicityMin * power else { return nil }
        return best.0
    }
}
