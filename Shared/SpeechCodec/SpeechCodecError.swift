public import Checkpoint

/// Why the codec refused a model or an input.
public enum SpeechCodecError: Error, Equatable, Sendable {
    /// A tensor is missing or has the wrong shape or type.
    case weights(CheckpointError)
    /// The configuration describes a model that this codec cannot run.
    case configuration(field: String, reason: String)
    /// A code that the codebook does not have; 1024, the language model's pad, is the usual one.
    case codeOutOfRange(frame: Int, codebook: Int, code: Int, codebookSize: Int)
    case wrongCodebooks(given: Int, needed: Int)
    /// A sample that is no finite number.
    case sampleNotFinite(index: Int)
    /// A reference for decoding that is not of the one length that the decoder takes.
    case wrongReferenceLength(frames: Int, needed: Int)
}

extension SpeechCodecError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .weights(let error):
            "\(error)"
        case .configuration(let field, let reason):
            "codec configuration, \(field): \(reason)"
        case .codeOutOfRange(let frame, let codebook, let code, let size):
            "code \(code) in frame \(frame), codebook \(codebook): a code is below \(size); "
                + "strip the frames that the language model pads"
        case .wrongCodebooks(let given, let needed):
            "frames of \(given) codes: this codec has \(needed) codebooks"
        case .sampleNotFinite(let index):
            "sample \(index) is no finite number: the audio is damaged"
        case .wrongReferenceLength(let frames, let needed):
            "a decoding reference of \(frames) frames: it is exactly \(needed), the prompt cut or filled with silence"
        }
    }
}
