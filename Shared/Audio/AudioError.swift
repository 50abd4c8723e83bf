/// Why sound could not be read, changed or written: what, where, and how to mend it.
///
/// `source` and `target` are a path, or the name that the caller gave to bytes in memory. Nothing of the sound itself is
/// told.
public enum AudioError: Error, Equatable, Sendable {
    case cannotOpen(source: String, reason: String)
    case empty(source: String)
    case notAudio(source: String, reason: String)
    case tooManyBytes(source: String, bytes: Int, limit: Int)
    case tooManyChannels(source: String, channels: Int, limit: Int)
    case sampleRateOutOfRange(source: String, sampleRate: Int, allowed: ClosedRange<Int>)
    case tooLong(source: String, limitSeconds: Double)
    case tooManyValues(source: String, limit: Int)
    case noSamples(source: String)
    case damaged(source: String, sample: Int, reason: String)
    case notFinite(source: String, channel: Int, sample: Int)

    case channelsDiffer(counts: [Int])
    case cannotResample(sampleRate: Int, allowed: ClosedRange<Int>)
    case invalidDuration(seconds: Double)

    case unknownFormat(name: String)
    case cannotEncode(format: AudioFormat, channels: Int, sampleRate: Int, reason: String)
    case wrongChannelCount(given: Int, expected: Int)
    case tooLongForFormat(format: AudioFormat, limitBytes: Int)
    case nothingToWrite(target: String)
    case cannotWrite(target: String, reason: String)
}

extension AudioError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .cannotOpen(let source, let reason):
            "\(source): cannot be opened: \(reason)"
        case .empty(let source):
            "\(source): is empty (0 bytes); give a sound file"
        case .notAudio(let source, let reason):
            "\(source): is no sound file we can read (\(reason)); give WAV, FLAC, Ogg Vorbis, Ogg Opus, MP3 or AIFF"
        case .tooManyBytes(let source, let bytes, let limit):
            "\(source): has \(bytes) bytes; allowed are \(limit)"
        case .tooManyChannels(let source, let channels, let limit):
            "\(source): has \(channels) channels; allowed are 1...\(limit)"
        case .sampleRateOutOfRange(let source, let sampleRate, let allowed):
            "\(source): has a sample rate of \(sampleRate) Hz; allowed are \(allowed.lowerBound)...\(allowed.upperBound)"
        case .tooLong(let source, let limitSeconds):
            "\(source): is longer than the allowed \(limitSeconds) s; cut it"
        case .tooManyValues(let source, let limit):
            "\(source): has more than the allowed \(limit) samples over all channels; cut it or mix it to mono"
        case .noSamples(let source):
            "\(source): is a sound file without a single sample"
        case .damaged(let source, let sample, let reason):
            "\(source): is damaged at sample \(sample): \(reason)"
        case .notFinite(let source, let channel, let sample):
            "\(source): channel \(channel) is not a finite number at sample \(sample)"
        case .channelsDiffer(let counts):
            "channels must be equally long and at least one; theirs are \(counts) samples"
        case .cannotResample(let sampleRate, let allowed):
            "a sample rate of \(sampleRate) Hz cannot be resampled; allowed are \(allowed.lowerBound)...\(allowed.upperBound)"
        case .invalidDuration(let seconds):
            "\(seconds) s is no duration; allowed are 0...86400 s"
        case .unknownFormat(let name):
            "\(name): unknown audio format; allowed are \(AudioFormat.allowedNames)"
        case .cannotEncode(let format, let channels, let sampleRate, let reason):
            "\(format.rawValue) cannot take \(channels) channels at \(sampleRate) Hz: \(reason)"
        case .wrongChannelCount(let given, let expected):
            "\(given) channels were given to a writer of \(expected)"
        case .tooLongForFormat(let format, let limitBytes):
            "\(format.rawValue) cannot hold more than \(limitBytes) bytes; choose flac, or write several files"
        case .nothingToWrite(let target):
            "\(target): no sample was given to be written"
        case .cannotWrite(let target, let reason):
            "\(target): cannot be written: \(reason)"
        }
    }
}
