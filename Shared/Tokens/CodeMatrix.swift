/// Codes of the codec, `[frames, codebooks]` row-major: 80 ms of sound a frame at 12.5 frames/s.
public struct CodeMatrix: Equatable, Sendable {
    public let codebooks: Int
    /// Row-major; `codes.count` is a multiple of `codebooks`.
    public private(set) var codes: [UInt16]

    public var frames: Int { codes.count / codebooks }

    /// - Precondition: `codebooks` is positive and divides `codes.count`.
    public init(codebooks: Int, codes: [UInt16] = []) {
        precondition(
            codebooks > 0 && codes.count % codebooks == 0, "\(codes.count) codes are no frames of \(codebooks)")
        self.codebooks = codebooks
        self.codes = codes
    }

    public subscript(frame: Int, codebook: Int) -> UInt16 {
        get { codes[frame * codebooks + codebook] }
        set { codes[frame * codebooks + codebook] = newValue }
    }

    /// - Precondition: `other` has as many codebooks.
    public mutating func append(contentsOf other: CodeMatrix) {
        precondition(other.codebooks == codebooks, "\(other.codebooks) codebooks joined to \(codebooks)")
        codes.append(contentsOf: other.codes)
    }

    /// - Precondition: `frame` has one code per codebook.
    public mutating func append(frame: some Collection<UInt16>) {
        precondition(frame.count == codebooks, "a frame of \(frame.count) codes for \(codebooks) codebooks")
        codes.append(contentsOf: frame)
    }

    /// The frames of `range`, as a matrix of their own.
    public func frames(_ range: Range<Int>) -> CodeMatrix {
        CodeMatrix(
            codebooks: codebooks, codes: Array(codes[range.lowerBound * codebooks..<range.upperBound * codebooks]))
    }
}
