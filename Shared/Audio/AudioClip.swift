/// A piece of sound in memory: float32, one array a channel, full scale ±1 (values beyond it are kept, never clipped).
public struct AudioClip: Sendable, Equatable {
    /// In Hz.
    public let sampleRate: Int
    /// `[channels][samples]`; every channel is equally long, and there is at least one.
    public let channels: [[Float]]

    /// - Throws: `AudioError.channelsDiffer` when there is no channel or when their lengths differ.
    public init(sampleRate: Int, channels: [[Float]]) throws(AudioError) {
        guard let first = channels.first, channels.allSatisfy({ $0.count == first.count }) else {
            throw AudioError.channelsDiffer(counts: channels.map(\.count))
        }
        self.sampleRate = sampleRate
        self.channels = channels
    }

    public init(sampleRate: Int, mono: [Float]) {
        self.sampleRate = sampleRate
        channels = [mono]
    }

    public var channelCount: Int { channels.count }
    /// Samples of one channel.
    public var sampleCount: Int { channels[0].count }
    public var durationSeconds: Double { Double(sampleCount) / Double(sampleRate) }
}
