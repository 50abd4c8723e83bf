/// How much is measured.
public struct BenchmarkExtent: Equatable, Sendable {
    /// Rows of the prompt that is read.
    public var promptRows: Int
    /// Rows behind which steps are timed.
    public var depth: Int
    /// Steps of one sample.
    public var steps: Int
    /// Sequences that step together.
    public var streams: [Int]
    /// Seconds of sound to encode and to decode.
    public var encodedSeconds: Double
    public var decodedSeconds: Double
    /// Whether v0.7's decoding behind a reference is timed.
    public var hasReference: Bool
    /// Samples of each kind.
    public var repetitions: Int

    public init(
        promptRows: Int, depth: Int, steps: Int, streams: [Int], encodedSeconds: Double, decodedSeconds: Double,
        hasReference: Bool, repetitions: Int
    ) {
        self.promptRows = promptRows
        self.depth = depth
        self.steps = steps
        self.streams = streams
        self.encodedSeconds = encodedSeconds
        self.decodedSeconds = decodedSeconds
        self.hasReference = hasReference
        self.repetitions = repetitions
    }

    /// As Docs/Performance.md records it.
    public static let full = BenchmarkExtent(
        promptRows: 512, depth: 300, steps: 12, streams: [4, 8], encodedSeconds: 10, decodedSeconds: 30,
        hasReference: true, repetitions: 5)
    /// An impression within two minutes at the published sizes.
    public static let quick = BenchmarkExtent(
        promptRows: 192, depth: 300, steps: 4, streams: [4], encodedSeconds: 10, decodedSeconds: 10,
        hasReference: false, repetitions: 3)
}
