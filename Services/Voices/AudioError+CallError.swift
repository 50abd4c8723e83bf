public import Audio
public import Contracts

extension AudioError: CallErrorConvertible {
    /// Sound that people uploaded: theirs to mend.
    public var callError: CallError { CallError(.invalidArgument, "\(self)", details: ["field": "audio"]) }
}
