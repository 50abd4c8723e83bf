internal import LanguageModel
internal import SpeechCodec

/// Work that a peer does too, so that both can be timed in turn.
public enum ContestKind: String, CaseIterable, Codable, Sendable {
    case decode300 = "decode-300"
    case decode1000 = "decode-1000"
    case prefill512 = "prefill-512"
    case streams8 = "streams-8"
    case streams16 = "streams-16"
    case encode10 = "encode-10"
    case decode30 = "decode-30"

    /// What is done.
    public enum Work: Equatable, Sendable {
        /// A prompt of so many rows is read.
        case prefill(rows: Int)
        /// `count` steps of sequences that hold `depth` rows each.
        case steps(_ count: Int, depth: Int, streams: Int)
        /// Sound becomes codes.
        case encode(seconds: Int)
        /// Codes become sound, without a reference.
        case decode(seconds: Int)
    }

    public var work: Work {
        switch self {
        case .decode300: .steps(24, depth: 300, streams: 1)
        case .decode1000: .steps(24, depth: 1000, streams: 1)
        case .prefill512: .prefill(rows: 512)
        case .streams8: .steps(16, depth: 300, streams: 8)
        case .streams16: .steps(16, depth: 300, streams: 16)
        case .encode10: .encode(seconds: 10)
        case .decode30: .decode(seconds: 30)
        }
    }

    /// Who does it: the language model or the codec.
    public var part: BenchmarkPart {
        switch work {
        case .prefill, .steps: .languageModel
        case .encode, .decode: .codec
        }
    }

    /// For people.
    public var title: String {
        switch work {
        case .prefill(let rows): "prefill, \(rows) rows"
        case .steps(_, let depth, 1): "decode at depth \(depth), 1 stream"
        case .steps(_, let depth, let streams): "decode at depth \(depth), \(streams) streams"
        case .encode(let seconds): "encode \(seconds) s of sound"
        case .decode(let seconds): "decode \(seconds) s of sound"
        }
    }

    /// Of a rate: rows of a prompt, steps of one sequence or of several counted together, or seconds of sound, a second.
    public var unit: String {
        switch work {
        case .prefill: "rows/s"
        case .steps(_, _, 1): "steps/s"
        case .steps: "steps/s in all"
        case .encode, .decode: "x real time"
        }
    }

    /// Kinds that share a call of a peer stand together.
    public static func calls(_ kinds: [ContestKind]) -> [[ContestKind]] {
        let several = kinds.filter { if case .steps(_, _, 2...) = $0.work { true } else { false } }
        let others = kinds.filter { !several.contains($0) }.map { [$0] }
        return several.isEmpty ? others : others + [several]
    }

    /// Whether every weight is read for one row.
    var waitsForWeights: Bool {
        if case .steps(_, _, 1) = work { true } else { false }
    }

    /// Nil for what the language model does not do.
    var languageModelSample: LanguageModelBenchmark.Sample? {
        switch work {
        case .prefill(let rows): .prefill(rows: rows)
        case .steps(let count, let depth, let streams): .steps(count, depth: depth, streams: streams)
        case .encode, .decode: nil
        }
    }

    /// Nil for what the codec does not do; else with the seconds of sound.
    var codecSample: (sample: CodecBenchmark.Sample, seconds: Double)? {
        switch work {
        case .prefill, .steps: nil
        case .encode(let seconds): (.encode(seconds: Double(seconds)), Double(seconds))
        case .decode(let seconds): (.decode(seconds: Double(seconds)), Double(seconds))
        }
    }
}
