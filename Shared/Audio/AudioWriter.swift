/// Encodes sound as it arrives, to a file or to memory.
///
/// The same samples give the same bytes, however they are cut (with the same versions of the encoders). 16-bit formats
/// take each sample as `PCM16` says; Opus and MP3 have full scale ±1, and what lies beyond is clamped; float WAV keeps it.
/// A rate that the encoder cannot take is resampled to `AudioFormat.encodedRate`. After each `write` a WAV file is whole:
/// it can be played while it grows, and a process that dies leaves what it had.
///
/// A file without `finish` lacks its end. Not for use by several threads at once.
public final class AudioWriter {
    public let format: AudioFormat
    /// Of the samples given, in Hz.
    public let sampleRate: Int
    public let channelCount: Int
    private let target: String
    private let store: any ByteStore
    private let handle: SoundHandle
    private var resamplers: [Resampler]
    /// Samples of each channel taken so far.
    private var received = 0
    /// Samples of each channel given to the encoder so far.
    private var written = 0
    private var finished = false

    private static let blockSamples = 8192

    /// Creates the file, or replaces what it holds.
    ///
    /// - Throws: `AudioError` when the file cannot be created, or the format cannot take that many channels or that rate.
    public convenience init(path: String, format: AudioFormat, sampleRate: Int, channelCount: Int = 1)
        throws(AudioError)
    {
        try Self.check(format, sampleRate: sampleRate, channelCount: channelCount)
        try self.init(
            FileStore(creating: path), target: path, format: format, sampleRate: sampleRate, channelCount: channelCount)
    }

    fileprivate init(
        _ store: any ByteStore, target: String, format: AudioFormat, sampleRate: Int, channelCount: Int
    ) throws(AudioError) {
        try Self.check(format, sampleRate: sampleRate, channelCount: channelCount)
        let encodedRate = format.encodedRate(for: sampleRate)
        var resamplers: [Resampler] = []
        for _ in 0..<channelCount { resamplers.append(try Resampler(from: sampleRate, to: encodedRate)) }
        do {
            handle = try SoundHandle(
                writing: store, format: format, channelCount: channelCount, sampleRate: encodedRate)
        } catch {
            throw AudioError.cannotEncode(
                format: format, channels: channelCount, sampleRate: sampleRate, reason: error.reason)
        }
        self.store = store
        self.target = target
        self.format = format
        self.sampleRate = sampleRate
        self.channelCount = channelCount
        self.resamplers = resamplers
    }

    private static func check(_ format: AudioFormat, sampleRate: Int, channelCount: Int) throws(AudioError) {
        let allowed = format.channelCounts
        guard allowed.contains(channelCount) else {
            throw AudioError.cannotEncode(
                format: format, channels: channelCount, sampleRate: sampleRate,
                reason: "allowed are \(allowed.lowerBound)...\(allowed.upperBound) channels")
        }
        guard Resampler.sampleRates.contains(sampleRate) else {
            throw AudioError.cannotResample(sampleRate: sampleRate, allowed: Resampler.sampleRates)
        }
    }

    /// The next samples of a mono sound.
    public func write(_ mono: [Float]) throws(AudioError) { try write([mono]) }

    /// The next samples, `[channels][samples]`.
    ///
    /// - Throws: `AudioError` when the channels do not fit the writer or each other, a sample is not finite (nothing of
    ///   the call is then written), the format cannot hold more, or the file cannot be written.
    public func write(_ channels: [[Float]]) throws(AudioError) {
        guard !finished else { throw AudioError.cannotWrite(target: target, reason: "it is finished") }
        guard channels.count == channelCount else {
            throw AudioError.wrongChannelCount(given: channels.count, expected: channelCount)
        }
        guard channels.allSatisfy({ $0.count == channels[0].count }) else {
            throw AudioError.channelsDiffer(counts: channels.map(\.count))
        }
        for (channel, samples) in channels.enumerated() {
            if let index = samples.firstIndex(where: { !$0.isFinite }) {
                throw AudioError.notFinite(source: target, channel: channel, sample: received + index)
            }
        }
        received += channels[0].count
        try encode(channels.indices.map { resamplers[$0].push(channels[$0]) })
    }

    /// Writes what the encoder still holds, and ends the file. Nothing can be written afterwards.
    ///
    /// - Throws: `AudioError.nothingToWrite` when no sample came (half of the formats have no file for that), or
    ///   `cannotWrite`.
    public func finish() throws(AudioError) {
        guard !finished else { return }
        finished = true
        guard received > 0 else { throw AudioError.nothingToWrite(target: target) }
        try encode(resamplers.indices.map { resamplers[$0].finish() })
        guard handle.close(), failure == nil else { throw cannotWrite("the end is missing") }
        if format == .opus, !OggPages.renumber(store) { throw cannotWrite("its pages cannot be numbered") }
    }

    private func encode(_ channels: [[Float]]) throws(AudioError) {
        let count = channels[0].count
        try format.checkRoom(forSamples: written + count, channelCount: channelCount)
        for start in stride(from: 0, to: count, by: Self.blockSamples) {
            let end = min(start + Self.blockSamples, count)
            guard encodeBlock(channels, start..<end), failure == nil else { throw cannotWrite("the encoder failed") }
        }
        written += count
        if format.isWAV { handle.updateHeader() }
    }

    private func encodeBlock(_ channels: [[Float]], _ samples: Range<Int>) -> Bool {
        switch format.sampleKind {
        case .pcm16: handle.write(interleaved(channels, samples, PCM16.quantized), count: samples.count)
        case .limitedFloat:
            handle.write(interleaved(channels, samples) { min(max($0, -1), 1) }, count: samples.count)
        case .float: handle.write(interleaved(channels, samples) { $0 }, count: samples.count)
        }
    }

    private func interleaved<Value>(_ channels: [[Float]], _ samples: Range<Int>, _ convert: (Float) -> Value)
        -> [Value]
    {
        var values: [Value] = []
        values.reserveCapacity(samples.count * channelCount)
        for sample in samples {
            for channel in channels { values.append(convert(channel[sample])) }
        }
        return values
    }

    private var failure: String? { (store as? FileStore)?.failure }

    private func cannotWrite(_ reason: String) -> AudioError {
        .cannotWrite(target: target, reason: failure ?? handle.error ?? reason)
    }
}

extension AudioClip {
    /// The clip as a file in memory.
    public func encoded(as format: AudioFormat) throws(AudioError) -> [UInt8] {
        let store = MemoryStore()
        let writer = try AudioWriter(
            store, target: "memory", format: format, sampleRate: sampleRate, channelCount: channelCount)
        try writer.write(channels)
        try writer.finish()
        return store.bytes
    }

    /// Writes the clip to a file, replacing what it holds.
    public func write(path: String, format: AudioFormat) throws(AudioError) {
        let writer = try AudioWriter(
            path: path, format: format, sampleRate: sampleRate, channelCount: channelCount)
        try writer.write(channels)
        try writer.finish()
    }
}
