/// Why a model's file was refused: which file, which tensor or field of it, what is wrong, and how to mend it.
public struct CheckpointError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What kind of fault it is, for whoever has to decide by it; people read ``reason``.
    public enum Kind: String, Sendable, CaseIterable {
        /// The file is not there, or the system refuses to open or map it.
        case unreadable
        /// The file ends before what it promises.
        case truncated
        /// The container (safetensors header, zip directory, pickle, JSON, YAML) breaks its own format.
        case malformed
        /// Two parts of the file claim the same bytes, or bytes that the file does not have.
        case outOfRange
        /// A name stands twice.
        case duplicate
        /// The file is sound but of a form that is not read: compressed, legacy, or with a foreign opcode.
        case unsupported
        /// A size that no real model has; refused before any memory is taken for it.
        case tooLarge
        /// A tensor or a field that the model needs is not there.
        case missing
        /// A tensor that the configuration does not know.
        case surplus
        /// A tensor has another shape than the configuration implies.
        case wrongShape
        /// A tensor has an element type that cannot be used for it.
        case wrongType
        /// A field of a configuration holds a value that is not allowed, or contradicts another one.
        case badValue
    }

    public let kind: Kind
    /// Path of the file or folder.
    public let file: String
    /// Name of the tensor, or path of the configuration's field (`quantizer_kwargs.rvq_dim`).
    public let subject: String?
    /// What is wrong, in a sentence without the file's name.
    public let reason: String
    /// What to do about it, where there is something better than fetching the file again.
    public let remedy: String?

    public init(_ kind: Kind, file: String, subject: String? = nil, _ reason: String, remedy: String? = nil) {
        self.kind = kind
        self.file = file
        self.subject = subject
        self.reason = reason
        self.remedy = remedy
    }

    public var description: String {
        let place = subject.map { "\(file): \($0)" } ?? file
        return "\(place): \(reason)" + (remedy.map { " (\($0))" } ?? "")
    }
}
