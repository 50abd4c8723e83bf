/// Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011): random words as a function of key and counter, without a state.
///
/// So a draw depends on the request's seed, the step and the channel, and not on what else the generator does.
package enum Philox {
    /// Four words for a counter of four and a key of two.
    package static func words(key: SIMD2<UInt32>, counter: SIMD4<UInt32>) -> SIMD4<UInt32> {
        var key = key
        var counter = counter
        for round in 0..<10 {
            if round > 0 { key &+= SIMD2(0x9E37_79B9, 0xBB67_AE85) }
            let even = UInt64(counter.x) * 0xD251_1F53
            let odd = UInt64(counter.z) * 0xCD9E_8D57
            counter = SIMD4(
                UInt32(truncatingIfNeeded: odd >> 32) ^ counter.y ^ key.x, UInt32(truncatingIfNeeded: odd),
                UInt32(truncatingIfNeeded: even >> 32) ^ counter.w ^ key.y, UInt32(truncatingIfNeeded: even))
        }
        return counter
    }

    /// The draw of one channel at one step, evenly spread over the open interval from 0 to 1.
    package static func uniform(seed: UInt64, step: Int, channel: Int) -> Double {
        let key = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
        let counter = SIMD4(UInt32(truncatingIfNeeded: step), UInt32(truncatingIfNeeded: channel), 0, 0)
        return (Double(words(key: key, counter: counter).x) + 0.5) / 4_294_967_296
    }
}
