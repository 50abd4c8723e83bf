/// One thing that was looked at, and what is to be done about it.
public struct Finding: Codable, Equatable, Sendable {
    public enum State: String, Codable, Sendable {
        case good
        /// A dialogue can be spoken, but not as well as it could be.
        case note
        /// No dialogue can be spoken before this is mended.
        case fault
    }

    /// For machines too, so it is never renamed: `library libzmq`.
    public let subject: String
    public let state: State
    /// What was found.
    public let fact: String
    /// The command that mends it, or what else to do.
    public let remedy: String?

    public init(_ subject: String, _ state: State, _ fact: String, remedy: String? = nil) {
        self.subject = subject
        self.state = state
        self.fact = fact
        self.remedy = remedy
    }
}
