import Contracts

/// How a process ends, as sysexits.h numbers it; `--help` lists them.
public enum ExitCode: Int32, CaseIterable, Sendable {
    case success = 0
    /// The command line cannot be meant.
    case usage = 64
    /// A file that was to be read is damaged or of another kind.
    case badData = 65
    /// A file or folder that was named does not exist or cannot be read.
    case noInput = 66
    /// A service that is needed is not there.
    case unavailable = 69
    /// A promise of our own was broken.
    case software = 70
    /// The system refuses: memory, threads, sockets.
    case system = 71
    /// A file or folder cannot be made.
    case cannotCreate = 73
    /// Stopped before everything was finished: the drain limit passed.
    case temporary = 75
    /// Somebody else's, or closed to us.
    case noPermission = 77
    /// The configuration cannot be meant.
    case configuration = 78

    /// For `--help`.
    public var meaning: String {
        switch self {
        case .success: "ended as asked"
        case .usage: "the command line cannot be meant"
        case .badData: "a file is damaged or of another kind"
        case .noInput: "a file or folder does not exist or cannot be read"
        case .unavailable: "a service that is needed is not there"
        case .software: "an error of our own"
        case .system: "the system refused memory, threads or sockets"
        case .cannotCreate: "a file or folder cannot be made"
        case .temporary: "the drain limit passed before everything was finished"
        case .noPermission: "a file or folder is closed to this user"
        case .configuration: "the configuration cannot be meant"
        }
    }
}

/// Why a service cannot start or go on: what its log says last and how it exits.
public struct ServiceFailure: Error, Equatable, Sendable, CustomStringConvertible {
    public let exitCode: ExitCode
    /// What, where, and how to mend it.
    public let message: String

    public init(_ exitCode: ExitCode, _ message: String) {
        self.exitCode = exitCode
        self.message = message
    }

    /// The failure that any error of a service's life comes to.
    public init(from error: any Error) {
        switch error {
        case let failure as ServiceFailure: self = failure
        case let error as ConfigurationError:
            if case .flag = error.source {
                self.init(.usage, "\(error)")
            } else {
                self.init(.configuration, "\(error)")
            }
        case let error as CallError: self.init(Self.exitCode(for: error.code), error.message)
        case let error as any CallErrorConvertible:
            self.init(Self.exitCode(for: error.callError.code), error.callError.message)
        default: self.init(.software, "\(type(of: error)): \(error)")
        }
    }

    private static func exitCode(for code: CallError.Code) -> ExitCode {
        switch code {
        case .malformed, .invalidArgument, .failedPrecondition, .tooLarge: .badData
        case .notFound: .noInput
        case .unavailable, .overloaded, .deadlineExceeded: .unavailable
        case .alreadyExists: .cannotCreate
        case .cancelled: .temporary
        default: .software
        }
    }

    public var description: String { message }
}
