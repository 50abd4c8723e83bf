import LanguageModel
import Testing

@Suite struct PhiloxTests {
    /// The known answers that Random123 publishes.
    @Test(arguments: [
        (
            SIMD2<UInt32>(0, 0), SIMD4<UInt32>(0, 0, 0, 0),
            SIMD4<UInt32>(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8)
        ),
        (
            SIMD2<UInt32>(repeating: 0xffff_ffff), SIMD4<UInt32>(repeating: 0xffff_ffff),
            SIMD4<UInt32>(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd)
        ),
        (
            SIMD2<UInt32>(0xa409_3822, 0x299f_31d0),
            SIMD4<UInt32>(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344),
            SIMD4<UInt32>(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1)
        ),
    ])
    func givesThePublishedWords(key: SIMD2<UInt32>, counter: SIMD4<UInt32>, words: SIMD4<UInt32>) {
        #expect(Philox.words(key: key, counter: counter) == words)
    }

    @Test func drawsDependOnSeedStepAndChannel() {
        let draw = Philox.uniform(seed: 5, step: 6, channel: 7)
        #expect(draw == Philox.uniform(seed: 5, step: 6, channel: 7))
        #expect(draw != Philox.uniform(seed: 5 << 32, step: 6, channel: 7))
        #expect(draw != Philox.uniform(seed: 5, step: 7, channel: 6))
        #expect(draw > 0 && draw < 1)
    }

    @Test func drawsAreSpreadEvenly() {
        var counts = [Int](repeating: 0, count: 10)
        for step in 0..<10_000 { counts[Int(Philox.uniform(seed: 1, step: step, channel: 0) * 10)] += 1 }
        // Five standard deviations of a binomial of 10,000 draws at a tenth.
        #expect(counts.allSatisfy { abs($0 - 1000) < 150 }, "\(counts)")
    }
}
