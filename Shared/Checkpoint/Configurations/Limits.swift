/// Sizes beyond which a file is taken for broken. Each is many times what the largest published model has.
enum Limits {
    static let vocabulary = 2_000_000
    static let width = 65_536
    static let innerWidth = 262_144
    static let layers = 512
    static let heads = 1024
    static let headSize = 1024
    static let channels = 64
    static let positions = 16_777_216
    static let sampleRate = 8_000...384_000
    static let kernel = 64
    static let fourier = 65_536
    static let codebooks = 64
    /// Codes travel as 16 bits.
    static let codebookSize = 65_536
}
