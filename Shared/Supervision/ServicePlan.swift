public import Foundation

/// A process that the supervisor keeps alive.
public struct ServicePlan: Sendable {
    /// For people: `codec`.
    public let name: String
    public let executable: URL
    public let arguments: [String]
    public let environment: [String: String]
    /// Whether its standard output is told, on standard error; what it says on standard error always is.
    public let tellsOutput: Bool

    public init(
        name: String, executable: URL, arguments: [String], environment: [String: String], tellsOutput: Bool = true
    ) {
        self.name = name
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.tellsOutput = tellsOutput
    }
}

/// How a process ended.
public enum ProcessEnd: Equatable, Sendable, CustomStringConvertible {
    case exited(Int32)
    case killed(signal: Int32)

    public var description: String {
        switch self {
        case .exited(let status): "ended with status \(status)"
        case .killed(let signal): "was killed by signal \(signal)"
        }
    }
}

/// What a supervisor tells.
public enum SupervisionEvent: Equatable, Sendable {
    case started(name: String, process: Int32)
    case died(name: String, process: Int32, end: ProcessEnd, restartIn: Duration)
    /// The executable could not be started at all.
    case unstartable(name: String, reason: String, retryIn: Duration)
    /// It ended because it was asked to, or was killed because it did not.
    case stopped(name: String, process: Int32, end: ProcessEnd)
}
