internal import Checkpoint
internal import Compute
public import LanguageModel

/// Our side of a contest, in a process of its own: loads the model once, then takes one sample after another.
public struct ContestSampler {
    /// What a sampler says when it is ready.
    public struct Ready: Codable, Equatable, Sendable {
        /// Of most weights: `int8`.
        public var precision: String
        public var loadSeconds: Double
        /// That a step reads.
        public var weightBytes: Int
    }

    /// What a sampler says to a kind.
    public struct Answer: Codable, Equatable, Sendable {
        public var kind: ContestKind
        /// In the kind's unit.
        public var rate: Double
        /// Of this process since the model was loaded.
        public var peakMemoryBytes: Int?
    }

    public let ready: Ready
    private let benchmark: LanguageModelBenchmark

    /// - Parameter kinds: All that will be asked for.
    /// - Throws: What the model's files or the model itself refuse.
    public init(_ subject: BenchmarkSubject, kinds: [ContestKind], precision: WeightPrecision, threads: Int) throws {
        let device = CPUDevice(pool: WorkerPool(threads: threads))
        let prepared = try subject.preparedLanguageModel(precision, pool: device.pool)
        let (model, loadSeconds) = try prepared.load(device)
        ready = Ready(
            precision: precision.name(storedAs: prepared.tensors.precision), loadSeconds: loadSeconds,
            weightBytes: model.weightBytes)
        benchmark = LanguageModelBenchmark(model, for: kinds.map(\.sample))
    }

    /// Takes one sample.
    public func answer(_ kind: ContestKind) -> Answer {
        Answer(
            kind: kind, rate: benchmark.rowsPerSecond(kind.sample), peakMemoryBytes: MemoryPeak.ofThisProcess())
    }
}
