/// Joins and cuts as the reference makes them (model.md 6.7).
public enum Crossfade {
    /// Pieces of one sound joined, each into the next by a linear fade over `seconds`.
    ///
    /// The fade is as long as both its sides allow; its ramps run from 1 to 0 and from 0 to 1, both ends included. (So a
    /// fade of one sample keeps the earlier piece.) Empty pieces leave no trace.
    ///
    /// - Throws: `AudioError.invalidDuration` for less than nothing, more than a day, or no number.
    public static func join(_ pieces: [[Float]], seconds: Double, sampleRate: Int) throws(AudioError) -> [Float] {
        let overlap = try SampleCount.of(seconds: seconds, at: sampleRate)
        var joined: [Float] = []
        for piece in pieces { append(piece, to: &joined, overlap: overlap) }
        return joined
    }

    /// Fades the end of `joined` into the start of `piece` over `overlap` samples, or as many as both have.
    public static func append(_ piece: [Float], to joined: inout [Float], overlap: Int) {
        let count = max(0, min(overlap, joined.count, piece.count))
        let start = joined.count - count
        for index in 0..<count {
            let fadeOut = ramp(index, of: count, from: 1, to: 0)
            let fadeIn = ramp(index, of: count, from: 0, to: 1)
            joined[start + index] = joined[start + index] * fadeOut + piece[index] * fadeIn
        }
        joined += piece.dropFirst(count)
    }

    /// Value `index` of `count` evenly spaced ones, reckoned from the nearer end as torch's `linspace` does.
    private static func ramp(_ index: Int, of count: Int, from first: Float, to last: Float) -> Float {
        guard count > 1 else { return first }
        let step = (last - first) / Float(count - 1)
        return index < count / 2 ? first + step * Float(index) : last - step * Float(count - 1 - index)
    }
}
