/// Why the embedded model cannot be used: what, where, and how to mend it.
public enum DemoVoiceError: Error, Equatable, Sendable, CustomStringConvertible {
    case notFound(places: [String])
    case incomplete(folder: String, missing: String)
    case unreadable(file: String, reason: String)

    public var description: String {
        switch self {
        case .notFound(let places):
            "the embedded model was not found in \(places.joined(separator: ", ")); keep the folder "
                + "colloquy_DemoVoice.resources beside the executable, name its Model folder in "
                + "\(DemoVoicePlaces.variable), or give another model with --model"
        case .incomplete(let folder, let missing):
            "the embedded model in \(folder) lacks \(missing); build or install it again"
        case .unreadable(let file, let reason):
            "\(file) of the embedded model cannot be used: \(reason); build or install it again"
        }
    }
}
