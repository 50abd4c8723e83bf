internal import Checkpoint
internal import Compute
public import LanguageModel
internal import SpeechCodec

/// What one process measures. Each part runs in a process of its own, so that its peak of memory is its own.
public enum BenchmarkPart: String, CaseIterable, Codable, Sendable {
    case machine
    case languageModel = "language-model"
    case codec
    /// The language model's dense layers one kind after another, which takes them apart rather than measuring what they are
    /// for: not among the usual ones.
    case layers

    /// What a report is made of unless it is told otherwise.
    public static let usual: [BenchmarkPart] = [.machine, .languageModel, .codec]

    /// Measures in this process.
    ///
    /// - Throws: What the model's files or the model itself refuse.
    public func run(
        _ subject: BenchmarkSubject, extent: BenchmarkExtent, precision: WeightPrecision = .stored, threads: Int
    ) throws -> PartReport {
        let device = CPUDevice(pool: WorkerPool(threads: threads))
        var report = PartReport(part: self)
        switch self {
        case .machine: report.machine = Self.machine(device)
        case .languageModel: report.languageModel = try Self.languageModel(subject, extent, precision, device)
        case .layers: report.layers = try Self.layers(subject, extent, precision, device)
        case .codec: report.codec = try Self.codec(subject, extent, device.pool)
        }
        report.peakMemoryBytes = MemoryPeak.ofThisProcess()
        return report
    }

    private static func machine(_ device: CPUDevice) -> MachineFigures {
        let probe = MachineProbe(device: device)
        var reads: [Double] = []
        var operations: [MachineProbe.Numbers: [Double]] = [:]
        _ = probe.bytesReadPerSecond()
        // Many short samples: on a machine that others use too, some fall into a quiet moment.
        for _ in 0..<40 {
            reads.append(probe.bytesReadPerSecond())
            for numbers in MachineProbe.Numbers.allCases {
                guard let sample = probe.operationsPerSecond(numbers) else { continue }
                operations[numbers, default: []].append(sample)
            }
        }
        func samples(_ numbers: MachineProbe.Numbers) -> Samples? { operations[numbers].flatMap { Samples($0) } }
        return MachineFigures(
            instructionSet: device.kernels.instructionSet.rawValue, bytesReadPerSecond: Samples(reads),
            operationsPerSecond: samples(.f32), bfloat16OperationsPerSecond: samples(.bf16),
            byteOperationsPerSecond: samples(.int8))
    }

    private static func languageModel(
        _ subject: BenchmarkSubject, _ extent: BenchmarkExtent, _ precision: WeightPrecision, _ device: CPUDevice
    ) throws -> LanguageModelFigures {
        var plan = LanguageModelBenchmark.Plan()
        // A small model may claim a short context.
        let context = subject.languageModel.positionsMax
        plan.promptRows = min(extent.promptRows, context)
        plan.depth = min(extent.depth, max(0, context - extent.steps - 1))
        plan.steps = extent.steps
        plan.streams = extent.streams
        plan.repetitions = extent.repetitions
        let prepared = try subject.preparedLanguageModel(precision, pool: device.pool)
        let (model, loadSeconds) = try prepared.load(device)
        let result = LanguageModelBenchmark.run(model, plan: plan)
        return LanguageModelFigures(
            precision: precision.name(storedAs: prepared.tensors.precision), frameRate: subject.frameRate,
            packSeconds: prepared.packSeconds, loadSeconds: loadSeconds, weightBytes: result.weightBytes,
            operationsPerRow: 2 * result.multiplyAddsPerRow, promptRows: plan.promptRows, depth: plan.depth,
            prefillRowsPerSecond: Samples(result.prefillRowsPerSecond), stepsPerSecond: Samples(result.stepsPerSecond),
            streams: result.batchedRowsPerSecond.sorted { $0.key < $1.key }.map {
                LanguageModelFigures.Streams(streams: $0.key, rowsPerSecond: Samples($0.value))
            }, multipliesBytes: precision.isPacked)
    }

    private static func layers(
        _ subject: BenchmarkSubject, _ extent: BenchmarkExtent, _ precision: WeightPrecision, _ device: CPUDevice
    ) throws -> LayerFigures {
        let prepared = try subject.preparedLanguageModel(precision, pool: device.pool)
        let (model, _) = try prepared.load(device)
        let figures = LayerBenchmark.run(model, rows: LayerFigures.rows, repetitions: extent.repetitions)
        return LayerFigures(
            precision: precision.name(storedAs: prepared.tensors.precision), multipliesBytes: precision.isPacked,
            kinds: figures.map { LayerFigures.Kind($0) })
    }

    private static func codec(
        _ subject: BenchmarkSubject, _ extent: BenchmarkExtent, _ pool: WorkerPool
    ) throws -> CodecFigures {
        var plan = CodecBenchmark.Plan()
        plan.encodedSeconds = extent.encodedSeconds
        plan.decodedSeconds = extent.decodedSeconds
        plan.hasReference = extent.hasReference
        plan.repetitions = extent.repetitions
        let result = try CodecBenchmark.run(
            configuration: subject.codec, tensors: subject.codecTensors(), pool: pool,
            precision: subject.codecPrecision, plan: plan)
        return CodecFigures(
            precision: subject.codecPrecision.name, loadSeconds: result.loadSeconds,
            encodedSeconds: plan.encodedSeconds,
            encodeSeconds: Samples(result.encodeSeconds), decodedSeconds: plan.decodedSeconds,
            decodeSeconds: Samples(result.decodeSeconds),
            referencedDecodeSeconds: Samples(result.referencedDecodeSeconds))
    }
}
