import Foundation

/// Sound files put together byte by byte: what our writer never makes, and headers that lie.
enum HandmadeFiles {
    /// RIFF WAVE. `claimedDataBytes` is what the header says of `data`; nil tells the truth.
    static func wav(
        tag: UInt16 = 1, channels: Int = 1, sampleRate: Int = 16_000, bits: Int, data: [UInt8],
        claimedDataBytes: UInt32? = nil
    ) -> [UInt8] {
        let blockBytes = channels * bits / 8
        return Array("RIFF".utf8) + little(claimedDataBytes ?? UInt32(36 + data.count)) + Array("WAVEfmt ".utf8)
            + little(UInt32(16)) + little(tag) + little(UInt16(channels)) + little(UInt32(sampleRate))
            + little(UInt32(truncatingIfNeeded: sampleRate * blockBytes))
            + little(UInt16(truncatingIfNeeded: blockBytes))
            + little(UInt16(bits)) + Array("data".utf8) + little(claimedDataBytes ?? UInt32(data.count)) + data
    }

    static func floatWAV(_ samples: [Float], channels: Int = 1, sampleRate: Int = 16_000) -> [UInt8] {
        wav(
            tag: 3, channels: channels, sampleRate: sampleRate, bits: 32,
            data: samples.flatMap { little($0.bitPattern) })
    }

    /// Sun AU, 16-bit, big-endian.
    static func au(_ samples: [Int16], sampleRate: Int) -> [UInt8] {
        Array(".snd".utf8) + big(UInt32(24)) + big(UInt32(2 * samples.count)) + big(UInt32(3))
            + big(UInt32(sampleRate)) + big(UInt32(1)) + samples.flatMap { big(UInt16(bitPattern: $0)) }
    }

    /// AIFF, 16-bit, big-endian, at 16 kHz (its header has the rate as an 80-bit float).
    static func aiff16k(_ samples: [Int16]) -> [UInt8] {
        let rate: [UInt8] = [0x40, 0x0C, 0xFA, 0, 0, 0, 0, 0, 0, 0]
        let common =
            Array("COMM".utf8) + big(UInt32(18)) + big(UInt16(1)) + big(UInt32(samples.count)) + big(UInt16(16)) + rate
        let sound =
            Array("SSND".utf8) + big(UInt32(8 + 2 * samples.count)) + big(UInt32(0)) + big(UInt32(0))
            + samples.flatMap { big(UInt16(bitPattern: $0)) }
        return Array("FORM".utf8) + big(UInt32(4 + common.count + sound.count)) + Array("AIFF".utf8) + common + sound
    }

    static func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    static func big<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }
}
