public import Checkpoint
public import Contracts
public import DemoVoice
public import Dialogue

extension CheckpointError: CallErrorConvertible {
    public var callError: CallError {
        let code: CallError.Code = kind == .unreadable || kind == .missing ? .notFound : .failedPrecondition
        return CallError(code, description, details: ["file": file])
    }
}

extension DemoVoiceError: CallErrorConvertible {
    public var callError: CallError { CallError(.notFound, description) }
}

extension TokenizerError: CallErrorConvertible {
    public var callError: CallError { CallError(.failedPrecondition, description) }
}
