public import Audio
public import Contracts

extension AudioError: CallErrorConvertible {
    public var callError: CallError { CallError(.invalidArgument, description) }
}
