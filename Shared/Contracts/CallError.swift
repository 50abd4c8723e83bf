/// Why a call failed, as `ERROR` tells it to another process: what, where, and how to mend it.
public struct CallError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Open, so that a newer peer's code survives an older hop. A code is never renamed or reused.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: String

        public init(rawValue: String) { self.rawValue = rawValue }

        /// The message breaks the protocol or the method's contract; the same message will fail again.
        public static let malformed = Code(rawValue: "malformed")
        /// The message is sound but asks for what cannot be: a script error, an id out of range, an unreadable file.
        public static let invalidArgument = Code(rawValue: "invalid_argument")
        /// What was named does not exist.
        public static let notFound = Code(rawValue: "not_found")
        /// What was to be made exists already.
        public static let alreadyExists = Code(rawValue: "already_exists")
        /// A part, a message or an item stands over its limit.
        public static let tooLarge = Code(rawValue: "too_large")
        /// Every slot and every place in the queue is taken.
        public static let overloaded = Code(rawValue: "overloaded")
        /// No worker of the service is known, or the peer was lost while it worked.
        public static let unavailable = Code(rawValue: "unavailable")
        /// The caller stopped it.
        public static let cancelled = Code(rawValue: "cancelled")
        /// The time budget was used up.
        public static let deadlineExceeded = Code(rawValue: "deadline_exceeded")
        /// The kind, the method or the protocol's version is not known here.
        public static let unsupported = Code(rawValue: "unsupported")
        /// The request fits this worker's model or state in no way: another model, another codec's codes.
        public static let failedPrecondition = Code(rawValue: "failed_precondition")
        /// A promise of our own was broken.
        public static let `internal` = Code(rawValue: "internal")

        /// Each has a line in Docs/Protocol.md; a test walks this list.
        public static let known: [Code] = [
            .malformed, .invalidArgument, .notFound, .alreadyExists, .tooLarge, .overloaded, .unavailable, .cancelled,
            .deadlineExceeded, .unsupported, .failedPrecondition, .internal,
        ]
    }

    public let code: Code
    /// For the person who reads it: the field, its value, what is allowed. Never script text or sound.
    public let message: String
    /// Whether the same request may succeed later or elsewhere.
    public let retryable: Bool
    /// For machines: `line`, `column`, `service`, `limit` …
    public let details: [String: String]

    public init(_ code: Code, _ message: String, retryable: Bool? = nil, details: [String: String] = [:]) {
        self.code = code
        self.message = message
        self.retryable = retryable ?? [.overloaded, .unavailable].contains(code)
        self.details = details
    }

    public var description: String { "\(code.rawValue): \(message)" }
}
