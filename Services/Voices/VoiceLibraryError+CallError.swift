public import Contracts
package import ServiceKit
public import VoiceLibrary

extension VoiceLibraryError: CallErrorConvertible {
    /// What callers are told. What is about the file tells nothing of the file: its path is this machine's business,
    /// and the service's log has it.
    public var callError: CallError {
        switch self {
        case .invalid(let field, _): CallError(.invalidArgument, description, details: ["field": field])
        case .nameTaken: CallError(.alreadyExists, description, details: ["field": "name"])
        case .notFound: CallError(.notFound, description, details: ["field": "voice"])
        case .unknownCast: CallError(.notFound, description, details: ["field": "key"])
        case .tooLarge(let field, _, let limit):
            CallError(.tooLarge, description, details: ["field": field, "limit": "\(limit)"])
        case .full(let limit): CallError(.failedPrecondition, description, details: ["limit": "\(limit)"])
        case .unsuitablePrompt: CallError(.invalidArgument, description, details: ["field": "audio"])
        case .diskFull:
            CallError(.unavailable, "the disk of the voice library is full and nothing was written; make room there")
        case .closed: CallError(.unavailable, "the voice library is being closed; try again when it is back")
        case .cancelled: CallError(.cancelled, description)
        case .inUse, .notALibrary, .newerLibrary, .damaged, .inaccessible, .storage:
            CallError(.internal, "the voice library failed; the log of the voices service says how")
        }
    }

    /// Whether whoever runs the service has to do something about it.
    var concernsTheFile: Bool {
        switch self {
        case .inUse, .notALibrary, .newerLibrary, .damaged, .inaccessible, .diskFull, .storage: true
        case .invalid, .nameTaken, .notFound, .unknownCast, .tooLarge, .full, .unsuitablePrompt, .closed, .cancelled:
            false
        }
    }

    /// How a start ends that this prevents.
    package var failure: ServiceFailure {
        let code: ExitCode =
            switch self {
            case .notALibrary, .newerLibrary, .damaged: .badData
            case .inUse: .unavailable
            case .inaccessible, .diskFull: .cannotCreate
            default: .software
            }
        return ServiceFailure(code, "database: \(self)")
    }
}
