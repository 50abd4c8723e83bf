/// Something that `models check` has to say about a model.
public struct ModelFinding: Equatable, Sendable, CustomStringConvertible {
    public enum Severity: String, Comparable, Sendable, CaseIterable {
        /// Worth knowing; nothing has to be done.
        case note
        /// The model works, but perhaps not as its publisher meant.
        case warning
        /// The model cannot be loaded.
        case error

        public static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }

        private var rank: Int {
            switch self {
            case .note: 0
            case .warning: 1
            case .error: 2
            }
        }
    }

    public let severity: Severity
    /// Path of the file or folder.
    public let file: String
    /// Name of the tensor or field, where it is about one.
    public let subject: String?
    public let reason: String
    /// How to mend it.
    public let remedy: String?

    init(_ severity: Severity, file: String, subject: String? = nil, _ reason: String, remedy: String? = nil) {
        self.severity = severity
        self.file = file
        self.subject = subject
        self.reason = reason
        self.remedy = remedy
    }

    init(_ error: CheckpointError) {
        self.init(.error, file: error.file, subject: error.subject, error.reason, remedy: error.remedy)
    }

    public var description: String {
        let place = subject.map { "\(file): \($0)" } ?? file
        return "\(severity.rawValue): \(place): \(reason)" + (remedy.map { " (\($0))" } ?? "")
    }
}
