import Audio
import Foundation
import TestSupport
import Testing

@Suite struct ResamplerTests {
    /// The original's kernel in full, in double precision: what `ResamplingFilter` trims must not be heard.
    private func plain(_ input: [Float], from source: Int, to target: Int) -> [Float] {
        var (divisor, rest) = (source, target)
        while rest != 0 { (divisor, rest) = (rest, divisor % rest) }
        let (stride, phases) = (source / divisor, target / divisor)
        let band = Double(min(stride, phases)) * 0.99
        let width = Int((6 * Double(stride) / band).rounded(.up))
        let count = (phases * input.count + stride - 1) / stride
        return (0..<count).map { index in
            let (block, phase) = (index / phases, index % phases)
            return Float(
                (-width..<width + stride).reduce(0.0) { sum, tap in
                    let position = block * stride + tap
                    guard input.indices.contains(position) else { return sum }
                    let exact = (Double(tap) / Double(stride) - Double(phase) / Double(phases)) * band
                    let time = min(max(exact, -6), 6)
                    let window = pow(cos(time * .pi / 12), 2)
                    let sinc = time == 0 ? 1 : sin(.pi * time) / (.pi * time)
                    return sum + Double(input[position]) * window * sinc * band / Double(stride)
                })
        }
    }

    @Test(arguments: [
        (16_000, 24_000), (48_000, 16_000), (44_100, 16_000), (16_000, 44_100), (22_050, 32_000), (8_000, 48_000),
        (1_001, 1_000), (1_000, 1_003), (7_919, 8_000), (96_000, 11_025),
    ])
    func equalsThePlainKernel(source: Int, target: Int) throws {
        let input = TestSounds.noise(700, seed: UInt64(source))
        let closeness = Closeness(
            try Resampler.resample(input, from: source, to: target), plain(input, from: source, to: target))
        // The original's float32 positions in the kernel are the coarser, the more phases share a second.
        var (divisor, rest) = (source, target)
        while rest != 0 { (divisor, rest) = (rest, divisor % rest) }
        let tolerance = 2e-6 + 1e-6 * Double(min(source, target) / divisor)
        #expect(closeness.within(absolute: tolerance), "\(closeness)")
    }

    /// The exact quotient rounded up; but a quotient that float32 cannot tell from a whole number counts as one, as it does
    /// for the original.
    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func outputIsAsLongAsTheRatioSays(seed: UInt64) throws {
        let common = [8_000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000]
        var random = SeededRandom(seed: seed)
        for round in 0..<20 {
            let rates = try (0..<2).map { _ in
                round < 15
                    ? try #require(common.randomElement(using: &random)) : Int.random(in: 1000...50_000, using: &random)
            }
            let count = Int.random(in: 0...3000, using: &random)
            let output = try Resampler.resample(TestSounds.noise(count, seed: seed), from: rates[0], to: rates[1])
            let quotient = Double(count) * Double(rates[1]) / Double(rates[0])
            #expect(output.count == Int(Float(quotient).rounded(.up)), "\(count) at \(rates)")
            #expect(abs(Double(output.count) - quotient) <= 1, "\(count) at \(rates)")
            #expect(output.allSatisfy { $0.isFinite })
        }
    }

    /// Above 2²⁴ float32 holds even numbers only: the original's count is then off by one, and so is ours.
    @Test func longOutputsHaveTheOriginalsRounding() throws {
        let resampler = try Resampler(from: 48_000, to: 16_000)
        #expect(resampler.outputCount(of: 3 * 16_777_217) == 16_777_216)
        #expect(resampler.outputCount(of: 3 * 16_777_215) == 16_777_215)
        #expect(resampler.outputCount(of: 3 * 8_388_608 + 1) == 8_388_608, "a third is lost above 2²³")
        #expect(resampler.outputCount(of: 3 * 4_000_000 + 1) == 4_000_001)
    }

    @Test(arguments: [
        (16_000, 24_000), (48_000, 16_000), (44_100, 16_000), (32_000, 48_000), (44_101, 16_000), (384_000, 1_000),
        (16_000, 16_000),
    ])
    func piecesJoinedAreTheWhole(source: Int, target: Int) throws {
        let input = TestSounds.noise(9000, seed: UInt64(target))
        let whole = try Resampler.resample(input, from: source, to: target)
        for longest in [1, 10, 500, 9000] {
            var resampler = try Resampler(from: source, to: target)
            var joined: [Float] = []
            for piece in TestSounds.pieces(of: input, seed: UInt64(longest), longest: longest) {
                joined += resampler.push(piece)
            }
            joined += resampler.finish()
            #expect(joined == whole, "pieces of up to \(longest)")
        }
    }

    @Test(arguments: [(44_100, 16_000), (16_000, 48_000), (44_101, 15_999), (383_999, 1_000), (1_000, 383_999)])
    func aToneStaysTheSameTone(source: Int, target: Int) throws {
        let input = TestSounds.tone(source / 2, hertz: 100, sampleRate: source)
        let output = try Resampler.resample(input, from: source, to: target)
        let expected = TestSounds.tone(output.count, hertz: 100, sampleRate: target)
        let middle = output.count / 4..<output.count * 3 / 4
        #expect(TestSounds.relativeError(Array(output[middle]), Array(expected[middle])) < 0.01)
    }

    @Test func equalRatesChangeNothing() throws {
        let input = TestSounds.noise(100, seed: 8)
        #expect(try Resampler.resample(input, from: 22_050, to: 22_050) == input)
    }

    @Test(arguments: [0, -16_000, 999, 384_001, Int.max, Int.min])
    func ratesOutsideTheAllowedAreRefused(rate: Int) throws {
        let error = AudioError.cannotResample(sampleRate: rate, allowed: Resampler.sampleRates)
        #expect(throws: error) { try Resampler(from: rate, to: 16_000) }
        #expect(throws: error) { try Resampler.resample([1], from: 16_000, to: rate) }
        #expect(throws: error) { try AudioClip(sampleRate: 16_000, mono: [1]).resampled(to: rate) }
    }
}
