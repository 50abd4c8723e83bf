/// A WAV file that begins before anyone knows how long it gets, for a reader behind a pipe: mono, 16-bit PCM.
///
/// Its sizes are the largest that there are; players then take what comes until the end of the stream.
public enum StreamedWAV {
    /// What stands before the samples.
    ///
    /// - Parameter sampleRate: Hz.
    public static func header(sampleRate: Int) -> [UInt8] {
        let rate = UInt32(clamping: sampleRate)
        return Array("RIFF".utf8) + bytes(UInt32.max) + Array("WAVEfmt ".utf8) + bytes(UInt32(16))
            + bytes(UInt16(1)) + bytes(UInt16(1))  // PCM, one channel
            + bytes(rate) + bytes(rate &* 2) + bytes(UInt16(2)) + bytes(UInt16(16))
            + Array("data".utf8) + bytes(UInt32.max - 36)
    }

    private static func bytes<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }
}
