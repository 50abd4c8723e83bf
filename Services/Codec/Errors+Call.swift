public import Audio
public import Contracts
public import Dialogue
public import SpeechCodec

extension ScriptError: CallErrorConvertible {
    public var callError: CallError {
        CallError(
            .invalidArgument, "script, \(description)",
            details: ["field": "script", "line": "\(place.line)", "column": "\(place.column)"])
    }
}

extension PromptError: CallErrorConvertible {
    public var callError: CallError {
        switch self {
        case .reservedToken: CallError(.invalidArgument, description)
        case .missingToken, .codebooks: CallError(.failedPrecondition, description)
        }
    }
}

extension AudioError: CallErrorConvertible {
    public var callError: CallError { CallError(.invalidArgument, description) }
}

extension SpeechCodecError: CallErrorConvertible {
    public var callError: CallError {
        switch self {
        case .weights, .configuration: CallError(.failedPrecondition, description)
        case .codeOutOfRange, .wrongCodebooks, .sampleNotFinite, .wrongReferenceLength:
            CallError(.invalidArgument, description)
        }
    }
}
