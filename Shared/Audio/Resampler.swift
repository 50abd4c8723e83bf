/// Resamples one channel as the reference does (`ResamplingFilter`), in pieces of any length.
///
/// However the samples are cut, what `push` and `finish` return, joined, is the same bits: each output sample is one sum
/// in one fixed order, and depends on the input around it only.
public struct Resampler: Sendable {
    /// In Hz. They bound a filter's size: the worst pair takes 50 MB while in use.
    public static let sampleRates = 1_000...384_000

    public let sourceRate: Int
    public let targetRate: Int
    /// Nil when the rates agree, and samples pass unchanged.
    private let filter: ResamplingFilter?
    /// Input from `windowStart` on; before the first sample lie zeros.
    private var window: [Float]
    private var windowStart: Int
    private var received = 0
    private var produced = 0

    /// - Throws: `AudioError.cannotResample` for a rate outside `sampleRates`.
    public init(from sourceRate: Int, to targetRate: Int) throws(AudioError) {
        for rate in [sourceRate, targetRate] where !Self.sampleRates.contains(rate) {
            throw AudioError.cannotResample(sampleRate: rate, allowed: Self.sampleRates)
        }
        self.sourceRate = sourceRate
        self.targetRate = targetRate
        filter = sourceRate == targetRate ? nil : ResamplingFilterCache.filter(from: sourceRate, to: targetRate)
        windowStart = -(filter?.halfWidth ?? 0)
        window = [Float](repeating: 0, count: -windowStart)
    }

    /// All samples of a channel at once.
    ///
    /// - Throws: `AudioError.cannotResample` for a rate outside `sampleRates`.
    public static func resample(_ samples: [Float], from sourceRate: Int, to targetRate: Int) throws(AudioError)
        -> [Float]
    {
        var resampler = try Resampler(from: sourceRate, to: targetRate)
        guard resampler.filter != nil else { return samples }
        let body = resampler.push(samples)
        let all = body + resampler.finish()
        let expected = resampler.outputCount(of: samples.count)
        return all.count > expected ? Array(all.prefix(expected)) : all
    }

    /// Samples that come out for `sampleCount` that go in: `⌈n·L/o⌉`, rounded as the reference does.
    ///
    /// It keeps the quotient in a float32 before it rounds up, so above 2²³ the fraction is lost and above 2²⁴ the count is
    /// a multiple of 2 and more; it never exceeds what the filter yields, `(⌊L/o⌋ + 1)·n`.
    public func outputCount(of sampleCount: Int) -> Int {
        guard let filter else { return sampleCount }
        let exact = Double(filter.phaseCount) * Double(sampleCount) / Double(filter.inputStride)
        return min(Int(Float(exact).rounded(.up)), (sampleCount / filter.inputStride + 1) * filter.phaseCount)
    }

    /// Takes the next samples and returns those of the target rate that are now certain.
    public mutating func push(_ samples: [Float]) -> [Float] {
        guard let filter else { return samples }
        received += samples.count
        window += samples
        return produce(with: filter, atMost: .max)
    }

    /// Ends the input and returns the rest. Nothing may be pushed afterwards.
    public mutating func finish() -> [Float] {
        guard let filter else { return [] }
        let total = outputCount(of: received)
        guard total > produced else { return [] }
        window += [Float](repeating: 0, count: filter.halfWidth + filter.inputStride + filter.tapCount)
        return produce(with: filter, atMost: total - produced)
    }

    private mutating func produce(with filter: ResamplingFilter, atMost limit: Int) -> [Float] {
        var block = produced / filter.phaseCount
        var phase = produced % filter.phaseCount
        var output: [Float] = []
        output.reserveCapacity(min(limit, window.count * filter.phaseCount / filter.inputStride + 1))
        window.withUnsafeBufferPointer { input in
            filter.coefficients.withUnsafeBufferPointer { coefficients in
                while output.count < limit {
                    let start = block * filter.inputStride + filter.firstTap[phase] - windowStart
                    guard start + filter.tapCount <= input.count else { break }
                    output.append(
                        DotProduct.of(
                            input, from: start, coefficients, from: phase * filter.tapCount, count: filter.tapCount))
                    phase += 1
                    if phase == filter.phaseCount { (block, phase) = (block + 1, 0) }
                }
            }
        }
        produced += output.count
        // What lies before the next output's first tap is needed no more; that tap may be yet to come.
        let passed = min(block * filter.inputStride + filter.firstTap[phase] - windowStart, window.count)
        window.removeFirst(passed)
        windowStart += passed
        return output
    }
}
