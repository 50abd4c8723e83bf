/// 16-bit PCM as we write it.
public enum PCM16 {
    /// The nearest of the 65536 steps, `x · 32768` rounded to nearest (halves to even) and clamped to -32768...32767.
    ///
    /// The inverse of reading (`v / 32768`): what was read as 16 bit is written as the same 16 bits. What is no number
    /// becomes 0.
    public static func quantized(_ value: Float) -> Int16 {
        guard !value.isNaN else { return 0 }
        return Int16(min(max((value * 32768).rounded(.toNearestOrEven), -32768), 32767))
    }

    /// `samples` as little-endian bytes, two each.
    public static func bytes(of samples: some Sequence<Float>) -> [UInt8] {
        samples.flatMap { sample in
            let bits = UInt16(bitPattern: quantized(sample))
            return [UInt8(truncatingIfNeeded: bits), UInt8(truncatingIfNeeded: bits >> 8)]
        }
    }
}
