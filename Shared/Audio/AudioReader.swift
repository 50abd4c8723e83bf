/// Reads a sound file piece by piece, whatever libsndfile recognises by content: WAV of every encoding, AIFF, AU, CAF,
/// FLAC, Ogg Vorbis and Opus, MP3 and more.
///
/// Values are exact: PCM of `bits` is divided by 2^(bits-1), unsigned 8-bit is (v-128)/128, floats stay as they are, beyond
/// full scale too. The pieces joined are what `readAll` gives.
///
/// A file that ends before its header says gives what is there; one without a single sample is refused, and so is one
/// whose decoder notices damage (FLAC has checksums; a cut FLAC file may count as damaged). Not for use by several
/// threads at once.
public final class AudioReader {
    /// In Hz.
    public let sampleRate: Int
    public let channelCount: Int
    private let source: String
    private let limits: AudioLimits
    private let handle: SoundHandle
    private var interleaved: [Float]
    /// Samples of each channel given out so far.
    private var position = 0

    /// Samples of one channel that are read at once: memory stays small, whatever a header claims.
    private static let blockSamples = 8192

    /// - Throws: `AudioError` when the file cannot be opened, is no sound, or its header exceeds `limits`.
    public convenience init(path: String, limits: AudioLimits = AudioLimits()) throws(AudioError) {
        try self.init(FileStore(reading: path), source: path, limits: limits)
    }

    /// - Parameters:
    ///   - bytes: A whole file.
    ///   - source: What errors call it.
    public convenience init(bytes: [UInt8], source: String = "audio", limits: AudioLimits = AudioLimits())
        throws(AudioError)
    {
        try self.init(MemoryStore(bytes), source: source, limits: limits)
    }

    private init(_ store: any ByteStore, source: String, limits: AudioLimits) throws(AudioError) {
        let byteCount = store.byteCount
        guard byteCount > 0 else { throw AudioError.empty(source: source) }
        guard byteCount <= limits.bytes else {
            throw AudioError.tooManyBytes(source: source, bytes: byteCount, limit: limits.bytes)
        }
        guard !Self.isSampleDump(store) else {
            throw AudioError.notAudio(source: source, reason: "MIDI Sample Dumps are not read")
        }
        do {
            handle = try SoundHandle(reading: store)
        } catch {
            throw AudioError.notAudio(source: source, reason: error.reason)
        }
        guard (1...max(1, limits.channelCount)).contains(handle.channelCount) else {
            throw AudioError.tooManyChannels(
                source: source, channels: handle.channelCount, limit: limits.channelCount)
        }
        guard limits.sampleRates.contains(handle.sampleRate) else {
            throw AudioError.sampleRateOutOfRange(
                source: source, sampleRate: handle.sampleRate, allowed: limits.sampleRates)
        }
        sampleRate = handle.sampleRate
        channelCount = handle.channelCount
        self.source = source
        self.limits = limits
        interleaved = []
        // A claim of .max means that the length is not known; whatever is claimed, `read` counts what really comes.
        if handle.sampleCount != .max { try checkLimits(samples: handle.sampleCount) }
    }

    /// libsndfile's reader of MIDI Sample Dumps prints what displeases it to standard output, where a service's own words
    /// belong.
    private static func isSampleDump(_ store: any ByteStore) -> Bool {
        var start: [UInt8] = [0, 0]
        return start.withUnsafeMutableBytes { store.read(into: $0, at: 0) } == 2 && start == [0xF0, 0x7E]
    }

    /// The next samples, at most `count` of each channel; fewer only at the end.
    ///
    /// - Returns: `[channels][samples]`; empty arrays at the end.
    /// - Throws: `AudioError` when the limits are exceeded, the data is damaged, or a value is not finite.
    public func read(_ count: Int) throws(AudioError) -> [[Float]] {
        var channels = [[Float]](repeating: [], count: channelCount)
        while channels[0].count < count {
            let block = min(Self.blockSamples, count - channels[0].count)
            interleaved = [Float](repeating: 0, count: block * channelCount)
            let read = interleaved.withUnsafeMutableBufferPointer { handle.read(into: $0) }
            // What follows the last sample, a tag for instance, may displease the decoder and matters to nobody.
            if position + read < handle.sampleCount, let reason = handle.error {
                throw AudioError.damaged(source: source, sample: position + read, reason: reason)
            }
            guard read > 0 else {
                guard position > 0 else { throw AudioError.noSamples(source: source) }
                break
            }
            try checkLimits(samples: position + read)
            for channel in 0..<channelCount {
                try append(channel: channel, samples: read, to: &channels[channel])
            }
            position += read
        }
        return channels
    }

    /// Everything that is left.
    public func readAll() throws(AudioError) -> AudioClip {
        try AudioClip(sampleRate: sampleRate, channels: read(.max))
    }

    private func append(channel: Int, samples: Int, to output: inout [Float]) throws(AudioError) {
        for sample in 0..<samples {
            let value = interleaved[sample * channelCount + channel]
            guard value.isFinite else {
                throw AudioError.notFinite(source: source, channel: channel, sample: position + sample)
            }
            output.append(value)
        }
    }

    private func checkLimits(samples: Int) throws(AudioError) {
        guard Double(samples) <= limits.seconds * Double(sampleRate) else {
            throw AudioError.tooLong(source: source, limitSeconds: limits.seconds)
        }
        guard samples <= limits.values / channelCount else {
            throw AudioError.tooManyValues(source: source, limit: limits.values)
        }
    }
}

extension AudioClip {
    /// Reads a whole file. See `AudioReader`.
    public init(path: String, limits: AudioLimits = AudioLimits()) throws(AudioError) {
        self = try AudioReader(path: path, limits: limits).readAll()
    }

    /// Reads a whole file that lies in memory. See `AudioReader`.
    public init(bytes: [UInt8], source: String = "audio", limits: AudioLimits = AudioLimits()) throws(AudioError) {
        self = try AudioReader(bytes: bytes, source: source, limits: limits).readAll()
    }
}
