/// What a reader accepts. Everything is held against these before memory for samples is taken, and again while samples
/// arrive, because a header may lie.
public struct AudioLimits: Sendable, Equatable {
    /// Size of the encoded file. The default is an hour of 16-bit mono at 32 kHz.
    public var bytes: Int
    /// Duration, whatever the rate.
    public var seconds: Double
    /// More than eight channels are no speech, but harmless.
    public var channelCount: Int
    /// In Hz. What lies outside, our resampler refuses as well.
    public var sampleRates: ClosedRange<Int>
    /// Samples of all channels together: at 4 bytes each, the memory of the clip. A small compressed file can unfold
    /// into much sound, so the limit of bytes does not imply this one.
    public var values: Int

    public init(
        bytes: Int = 256 << 20, seconds: Double = 3600, channelCount: Int = 32,
        sampleRates: ClosedRange<Int> = Resampler.sampleRates, values: Int = 1 << 27
    ) {
        self.bytes = bytes
        self.seconds = seconds
        self.channelCount = channelCount
        self.sampleRates = sampleRates
        self.values = values
    }
}
