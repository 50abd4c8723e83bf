import CSndfile

extension AudioFormat {
    /// Rates that a lossy encoder takes, in Hz and rising.
    private static let opusRates = [8_000, 12_000, 16_000, 24_000, 48_000]
    private static let mp3Rates = [8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000]

    /// The rate at which sound of `sampleRate` is stored: the same when the encoder takes it, otherwise the next higher one
    /// that it takes (so nothing of the spectrum is lost), or its highest. 32 kHz becomes 48 kHz in Opus.
    public func encodedRate(for sampleRate: Int) -> Int {
        switch self {
        case .wav, .wavFloat: sampleRate
        // Streamable FLAC has 16 bits for the rate, in Hz or in tens of Hz.
        case .flac: sampleRate <= Int(UInt16.max) ? sampleRate : (sampleRate + 9) / 10 * 10
        case .opus: Self.opusRates.first { $0 >= sampleRate } ?? 48_000
        case .mp3: Self.mp3Rates.first { $0 >= sampleRate } ?? 48_000
        }
    }

    /// How many channels we write.
    var channelCounts: ClosedRange<Int> {
        switch self {
        case .wav, .wavFloat, .flac: 1...8
        case .opus, .mp3: 1...2
        }
    }

    /// Container and encoding in libsndfile's numbers.
    var sndfileFormat: Int {
        switch self {
        case .wav: SF_FORMAT_WAV | SF_FORMAT_PCM_16
        case .wavFloat: SF_FORMAT_WAV | SF_FORMAT_FLOAT
        case .flac: SF_FORMAT_FLAC | SF_FORMAT_PCM_16
        case .opus: SF_FORMAT_OGG | SF_FORMAT_OPUS
        case .mp3: SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III
        }
    }

    /// What becomes of a sample: 16 bits, float with full scale ±1, or the float as it is.
    enum SampleKind { case pcm16, limitedFloat, float }

    var sampleKind: SampleKind {
        switch self {
        case .wav, .flac: .pcm16
        case .opus, .mp3: .limitedFloat
        case .wavFloat: .float
        }
    }

    var isWAV: Bool { self == .wav || self == .wavFloat }

    /// Sizes in a WAV header have 32 bits; 4 KiB of them are left to the header itself.
    package static let wavDataBytesMax = Int(UInt32.max) - 4096

    /// - Throws: `AudioError.tooLongForFormat` when a file of this format cannot hold so many samples of each channel.
    package func checkRoom(forSamples samples: Int, channelCount: Int) throws(AudioError) {
        guard isWAV else { return }
        let bytesOfAllChannels = channelCount * (self == .wavFloat ? 4 : 2)
        guard samples <= Self.wavDataBytesMax / bytesOfAllChannels else {
            throw AudioError.tooLongForFormat(format: self, limitBytes: Self.wavDataBytesMax)
        }
    }
}
