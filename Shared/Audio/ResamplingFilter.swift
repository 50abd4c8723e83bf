import Glibc

/// The windowed-sinc filter bank of torchaudio's `resample` (method `sinc_interp_hann`, width 6, rolloff 0.99) for one
/// pair of sample rates: model.md 2.3.
///
/// Output sample `m·n + p` is the dot product of phase `p` with the input from `m·o + firstTap[p]` on, where `o` and `n`
/// are the rates divided by their greatest common divisor. The reference keeps `2W + o` taps for each phase, of which all
/// but about `2W` lie where the window has clamped to (numerically) nothing; only the others are kept here. So odd pairs
/// such as 44101 → 16000 cost megabytes, where the reference's kernel takes gigabytes.
final class ResamplingFilter: Sendable {
    /// `o`: input samples of one block.
    let inputStride: Int
    /// `n`: output samples of one block, which is the number of phases.
    let phaseCount: Int
    /// `W`: how far before its block a phase reaches, in input samples.
    let halfWidth: Int
    /// Taps of every phase, a multiple of `tapGroup`; shorter phases end in zeros.
    let tapCount: Int
    /// `[phases]`, in input samples relative to the block; never below `-halfWidth`, and never falling.
    let firstTap: [Int]
    /// `[phases, taps]`.
    let coefficients: [Float]

    /// Taps that the dot product takes at once.
    static let tapGroup = 8
    private static let zeroCrossings = 6
    private static let rolloff = 0.99

    /// - Parameters: rates in Hz, positive.
    init(from sourceRate: Int, to targetRate: Int) {
        let divisor = Self.greatestCommonDivisor(sourceRate, targetRate)
        let stride = sourceRate / divisor
        let phases = targetRate / divisor
        let band = Double(min(stride, phases)) * Self.rolloff
        let reach = Double(Self.zeroCrossings * stride) / band
        let width = Int(reach.rounded(.up))

        // One tap more at either end than the window reaches: the float32 positions below are not exact.
        let ranges = (0..<phases).map { phase in
            let centre = Double(phase) * Double(stride) / Double(phases)
            let first = max(-width, Int((centre - reach).rounded(.down)) - 1)
            let last = min(width + stride - 1, Int((centre + reach).rounded(.up)) + 1)
            return first...last
        }
        let longest = ranges.reduce(0) { max($0, $1.count) }
        let taps = (longest + Self.tapGroup - 1) / Self.tapGroup * Self.tapGroup

        var values = [Float](repeating: 0, count: phases * taps)
        for (phase, range) in ranges.enumerated() {
            let offset = -Float(phase) / Float(phases)
            for (tap, index) in range.enumerated() {
                values[phase * taps + tap] = Self.coefficient(
                    position: (offset + Float(index) / Float(stride)) * Float(band),
                    scale: Float(band / Double(stride)))
            }
        }
        inputStride = stride
        phaseCount = phases
        halfWidth = width
        tapCount = taps
        firstTap = ranges.map(\.lowerBound)
        coefficients = values
    }

    /// The reference's arithmetic, in float32 and in its order: the filter's own rounding is part of what it computes.
    private static func coefficient(position: Float, scale: Float) -> Float {
        let crossings = Float(zeroCrossings)
        var position = min(max(position, -crossings), crossings)
        let root = cosf(position * Float.pi32 / crossings / 2)
        let window = root * root
        position *= Float.pi32
        let sinc = position == 0 ? 1 : sinf(position) / position
        return sinc * (window * scale)
    }

    private static func greatestCommonDivisor(_ first: Int, _ second: Int) -> Int {
        second == 0 ? first : greatestCommonDivisor(second, first % second)
    }
}

extension Float {
    /// π rounded to nearest. (`Float.pi` is rounded towards zero, which is one unit in the last place less.)
    fileprivate static let pi32 = Float(Double.pi)
}
