public import Contracts
public import LanguageModel

extension LanguageModelError: CallErrorConvertible {
    public var callError: CallError {
        switch self {
        case .wrongChannels, .promptTooShort, .tooLong, .idOutOfVocabulary, .badField:
            CallError(.invalidArgument, description)
        case .tooLargeForMemory: CallError(.tooLarge, description)
        case .unsupported, .noNumbers, .memoryTooSmall: CallError(.failedPrecondition, description)
        case .overloaded: CallError(.overloaded, description)
        case .cancelled: CallError(.cancelled, description)
        case .stopped: CallError(.unavailable, description)
        }
    }
}
