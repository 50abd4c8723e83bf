/// The file formats that we write. (What we read is whatever libsndfile recognises by content; names play no part.)
public enum AudioFormat: String, CaseIterable, Sendable {
    /// WAV, 16-bit PCM.
    case wav
    /// WAV, 32-bit float: the samples as they are, beyond full scale too.
    case wavFloat = "wav-float"
    /// FLAC, 16-bit.
    case flac
    /// Opus in Ogg.
    case opus
    case mp3

    /// The names that `init(name:)` takes, for messages and help texts.
    public static let allowedNames = allCases.map(\.rawValue).joined(separator: ", ")

    /// - Throws: `AudioError.unknownFormat`, which lists what is allowed.
    public init(name: String) throws(AudioError) {
        guard let format = AudioFormat(rawValue: name.lowercased()) else { throw AudioError.unknownFormat(name: name) }
        self = format
    }

    /// The format that the extension of a file's name stands for, in either case: `wav` or `wave`, `flac`, `opus`, `ogg`
    /// or `oga` (Opus), `mp3`.
    public init(path: String) throws(AudioError) {
        let name = path.split(separator: "/").last ?? ""
        let pieces = name.split(separator: ".", omittingEmptySubsequences: false)
        switch pieces.count > 1 ? pieces[pieces.count - 1].lowercased() : "" {
        case "wav", "wave": self = .wav
        case "flac": self = .flac
        case "opus", "ogg", "oga": self = .opus
        case "mp3": self = .mp3
        default: throw AudioError.unknownFormat(name: path)
        }
    }

    /// Without a dot.
    public var fileExtension: String {
        switch self {
        case .wav, .wavFloat: "wav"
        case .flac: "flac"
        case .opus: "opus"
        case .mp3: "mp3"
        }
    }

    /// The media type of HTTP.
    public var mediaType: String {
        switch self {
        case .wav, .wavFloat: "audio/wav"
        case .flac: "audio/flac"
        case .opus: "audio/ogg; codecs=opus"
        case .mp3: "audio/mpeg"
        }
    }
}
