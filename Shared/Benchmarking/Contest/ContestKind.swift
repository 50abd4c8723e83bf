internal import LanguageModel

/// Work that a peer does too, so that both can be timed in turn.
public enum ContestKind: String, CaseIterable, Codable, Sendable {
    case decode300 = "decode-300"
    case decode1000 = "decode-1000"
    case prefill512 = "prefill-512"
    case streams8 = "streams-8"
    case streams16 = "streams-16"

    /// What is done.
    public enum Work: Equatable, Sendable {
        /// A prompt of so many rows is read.
        case prefill(rows: Int)
        /// `count` steps of sequences that hold `depth` rows each.
        case steps(_ count: Int, depth: Int, streams: Int)
    }

    public var work: Work {
        switch self {
        case .decode300: .steps(24, depth: 300, streams: 1)
        case .decode1000: .steps(24, depth: 1000, streams: 1)
        case .prefill512: .prefill(rows: 512)
        case .streams8: .steps(16, depth: 300, streams: 8)
        case .streams16: .steps(16, depth: 300, streams: 16)
        }
    }

    /// For people.
    public var title: String {
        switch work {
        case .prefill(let rows): "prefill, \(rows) rows"
        case .steps(_, let depth, 1): "decode at depth \(depth), 1 stream"
        case .steps(_, let depth, let streams): "decode at depth \(depth), \(streams) streams"
        }
    }

    /// Of a rate: rows of a prompt, steps of one sequence, or steps of several counted together.
    public var unit: String {
        switch work {
        case .prefill: "rows/s"
        case .steps(_, _, 1): "steps/s"
        case .steps: "steps/s in all"
        }
    }

    /// Kinds that share a call of a peer stand together.
    public static func calls(_ kinds: [ContestKind]) -> [[ContestKind]] {
        let several = kinds.filter { if case .steps(_, _, 2...) = $0.work { true } else { false } }
        let others = kinds.filter { !several.contains($0) }.map { [$0] }
        return several.isEmpty ? others : others + [several]
    }

    var sample: LanguageModelBenchmark.Sample {
        switch work {
        case .prefill(let rows): .prefill(rows: rows)
        case .steps(let count, let depth, let streams): .steps(count, depth: depth, streams: streams)
        }
    }
}
