public import Tokens

/// The codes of a prompt that stand before every window while a dialogue is decoded (v0.7): its first 20 s, filled with
/// silence when it is shorter.
public struct DecodeReference: Equatable, Sendable {
    public let codes: CodeMatrix

    init(checked codes: CodeMatrix) { self.codes = codes }
}
