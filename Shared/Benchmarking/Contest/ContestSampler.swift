internal import Checkpoint
internal import Compute
public import LanguageModel
internal import SpeechCodec

/// Our side of a contest, in a process of its own: loads the language model or the codec once, then takes one sample after
/// another.
public struct ContestSampler {
    /// What a sampler says when it is ready.
    public struct Ready: Codable, Equatable, Sendable {
        /// Of most weights: `int8`.
        public var precision: String
        public var loadSeconds: Double
        /// That a step reads; nil for a codec.
        public var weightBytes: Int?
    }

    /// What a sampler says to a kind.
    public struct Answer: Codable, Equatable, Sendable {
        public var kind: ContestKind
        /// In the kind's unit.
        public var rate: Double
        /// Of this process since the model was loaded.
        public var peakMemoryBytes: Int?
        /// Of steps of one sequence, which wait for their weights: bytes of weights read a second, over those that a plain
        /// read of the same weights gave, the mean of one before the sample and one behind it.
        public var shareOfPlainRead: Double?
    }

    /// A kind that is none of those which the sampler was made for.
    public struct Unexpected: Error, Equatable, CustomStringConvertible {
        public let kind: ContestKind

        public init(kind: ContestKind) { self.kind = kind }

        public var description: String { "\(kind.rawValue) is not what this process was started for" }
    }

    private enum Benchmark {
        case languageModel(LanguageModelBenchmark)
        case codec(CodecBenchmark)
    }

    public let ready: Ready
    private let benchmark: Benchmark

    /// - Parameters:
    ///   - kinds: All that will be asked for, of one part.
    ///   - precision: Of the language model; the codec's is the subject's.
    /// - Throws: What the model's files or the model itself refuse; `Unexpected` for a kind of another part than the first.
    public init(_ subject: BenchmarkSubject, kinds: [ContestKind], precision: WeightPrecision, threads: Int) throws {
        let part = kinds.first?.part ?? .languageModel
        if let other = kinds.first(where: { $0.part != part }) { throw Unexpected(kind: other) }
        let device = CPUDevice(pool: WorkerPool(threads: threads))
        if part == .codec {
            MemoryPeak.startAgain()
            let codec = try CodecBenchmark(
                configuration: subject.codec, tensors: subject.codecTensors(), pool: device.pool,
                precision: subject.codecPrecision)
            ready = Ready(precision: subject.codecPrecision.name, loadSeconds: codec.loadSeconds)
            benchmark = .codec(codec)
        } else {
            let prepared = try subject.preparedLanguageModel(precision, pool: device.pool)
            let (model, loadSeconds) = try prepared.load(device)
            ready = Ready(
                precision: precision.name(storedAs: prepared.tensors.precision), loadSeconds: loadSeconds,
                weightBytes: model.weightBytes)
            benchmark = .languageModel(
                LanguageModelBenchmark(model, for: kinds.compactMap(\.languageModelSample)))
        }
    }

    /// Takes one sample.
    ///
    /// - Throws: `Unexpected`, or what the codec refuses.
    public func answer(_ kind: ContestKind) throws -> Answer {
        let rate: Double
        var share: Double?
        switch benchmark {
        case .languageModel(let benchmark):
            guard let sample = kind.languageModelSample else { throw Unexpected(kind: kind) }
            guard let weightBytes = ready.weightBytes, kind.waitsForWeights else {
                rate = benchmark.rowsPerSecond(sample)
                break
            }
            let before = benchmark.bytesReadPerSecond()
            rate = benchmark.rowsPerSecond(sample)
            share = rate * Double(weightBytes) / ((before + benchmark.bytesReadPerSecond()) / 2)
        case .codec(let benchmark):
            guard let (sample, seconds) = kind.codecSample else { throw Unexpected(kind: kind) }
            rate = seconds / (try benchmark.seconds(sample))
        }
        return Answer(kind: kind, rate: rate, peakMemoryBytes: MemoryPeak.ofThisProcess(), shareOfPlainRead: share)
    }
}
