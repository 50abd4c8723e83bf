public import ArgumentParser
public import Benchmarking
import Compute
import Diagnosis
import Foundation
import Printing
import ServiceKit
public import SpeechCodec

/// `colloquy bench`
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure how fast this machine runs a model, beside what it allows at best.",
        discussion: """
            Without a model: the embedded one, and in quick form random weights of the published sizes where memory \
            allows. Each part runs in a process of its own, so that its peak of memory is its own. A real-time factor is \
            seconds of work a second of sound: below 1 is faster than real time.

            colloquy bench --against llama.cpp=FOLDER --peer-model int8=q8_0.gguf --random-weights moss-ttsd-v0.5

            does the same work with us and with llama.cpp in turn, and prints medians and what they are to each other;
            --against pytorch=FOLDER has the original do it, the codec too.
            """)
    @Option(
        help: ArgumentHelp(
            "Random weights of a published model's sizes: "
                + BenchmarkSubject.Published.allCases.map(\.rawValue).joined(separator: ", ") + "."))
    var randomWeights: BenchmarkSubject.Published?
    @Option(help: "A checkpoint.")
    var model: String?
    @Option(help: "The codec's folder, where it does not lie beside the model.")
    var codec: String?
    @Option(help: "In how many bits the language model's weights are kept: \(ServiceSettings.Precision.words).")
    var precision = ServiceSettings.Precision.auto
    @Option(help: "The codec's encoder: f32, bf16 or int8 (default: as the service).")
    var encoderPrecision = SpeechCodec.Precision.standard.encoder
    @Option(help: "The codec's decoder: f32, bf16 or int8 (default: as the service).")
    var decoderPrecision = SpeechCodec.Precision.standard.decoder
    @Option(help: "Threads (default: as many as there are processors).")
    var threads: Int?
    @Flag(help: "Fewer and shorter repetitions.")
    var quick = false
    @Flag(help: "Time the language model's dense layers kind by kind instead: what a step reads and computes.")
    var kernels = false
    @Flag(help: "One JSON object a model, for machines.")
    var json = false
    @Option(
        help: "With --against: samples of each kind and side (default: 5); with --dialogue: dialogues (default: 3).")
    var repetitions: Int?
    @OptionGroup(title: "A whole dialogue") var whole: DialogueOptions
    @OptionGroup(title: "Beside a peer") var contest: ContestOptions
    @Option(help: .hidden)
    var part: BenchmarkPart?

    private var codecPrecision: SpeechCodec.Precision {
        SpeechCodec.Precision(encoder: encoderPrecision, decoder: decoderPrecision)
    }

    func validate() throws {
        guard randomWeights == nil || (model == nil && codec == nil) else {
            throw ValidationError("give --random-weights or --model, not both")
        }
        guard [kernels, whole.dialogue, contest.against != nil].count(where: { $0 }) < 2 else {
            throw ValidationError("--kernels, --dialogue or --against, not two of them")
        }
        guard repetitions == nil || whole.dialogue || contest.against != nil else {
            throw ValidationError("--repetitions goes with --dialogue or --against")
        }
        guard (1...1000).contains(repetitions ?? 1) else {
            throw ValidationError("--repetitions: allowed is 1...1000")
        }
        guard (1...1024).contains(threads ?? 1) else { throw ValidationError("--threads: allowed is 1...1024") }
    }

    func run() async throws {
        let run = run(model, randomWeights, precision)
        if contest.answer {
            let subject = try run.subject
            return try ContestSampler(
                subject, kinds: contest.kinds, precision: subject.weightPrecision(precision), threads: run.threads
            ).serve()
        }
        if let part {
            // A part's process: its report goes to the process that started it.
            let subject = try run.subject
            let report = try part.run(
                subject, extent: run.extent, precision: subject.weightPrecision(precision), threads: run.threads)
            try print(JSONLine.text(report))
            return
        }
        if kernels { return try await tell(run, [.machine, .layers]) }
        if whole.dialogue { return try await speak(run) }
        if let against = contest.against { return try await contend(against) }
        try await tell(run)
        if model == nil && randomWeights == nil { try await tell(self.run(nil, .v05, precision, isQuick: true)) }
    }

    private func run(
        _ model: String?, _ randomWeights: BenchmarkSubject.Published?, _ precision: ServiceSettings.Precision,
        isQuick: Bool = false
    ) -> BenchmarkRun {
        BenchmarkRun(
            model: model, codec: codec, randomWeights: randomWeights, precision: precision,
            threads: threads ?? WorkerPool.allowedCPUs, isQuick: quick || isQuick, codecPrecision: codecPrecision)
    }

    private func speak(_ run: BenchmarkRun) async throws {
        if let lack = try run.lackOfMemory { throw ServiceFailure(.system, lack) }
        let dialogueRun = DialogueRun(
            run: run, keep: whole.keep.map { URL(filePath: $0) }, repetitions: repetitions ?? 3, tell: note)
        let report = try await untilSignalled { try await dialogueRun.report() }
        print(json ? try JSONLine.text(report) : report.text)
    }

    @Sendable private func note(_ text: String) { StandardError.write("colloquy bench: \(text)\n") }

    private func contend(_ against: ContestOptions.Against) async throws {
        for (run, opponent) in try contests(against) {
            if let lack = try run.lackOfMemory { throw ServiceFailure(.system, lack) }
            let contestRun = ContestRun(
                run: run, opponent: opponent, kinds: contest.kinds, repetitions: repetitions ?? 5, tell: note)
            let report = try await untilSignalled { try await contestRun.report() }
            print(json ? try JSONLine.text(report) : report.text)
        }
    }

    /// One contest with llama.cpp for every precision of which it has a model, or for the one that was chosen; one with
    /// PyTorch.
    private func contests(
        _ against: ContestOptions.Against
    ) throws -> [(run: BenchmarkRun, opponent: any ContestOpponent)] {
        switch against.peer {
        case .llamaCpp:
            let models = contest.peerModel.filter { precision == .auto || $0.precision == precision }
            guard !models.isEmpty else {
                throw ServiceFailure(.usage, "--peer-model names none for --precision \(precision.rawValue)")
            }
            return models.map { peer in
                let run = run(model, randomWeights, peer.precision)
                return (run, LlamaCppOpponent(folder: against.folder, model: peer.file, threads: run.threads))
            }
        case .pyTorch:
            let run = run(model, randomWeights, precision)
            return [
                (run, PyTorchOpponent(folder: against.folder, subject: try run.subject, threads: run.threads))
            ]
        }
    }

    private func tell(_ run: BenchmarkRun, _ parts: [BenchmarkPart] = BenchmarkPart.usual) async throws {
        if let lack = try run.lackOfMemory {
            // What was asked for by name and cannot be is an error; the rest of a default run is not.
            guard model == nil && randomWeights == nil else { throw ServiceFailure(.system, lack) }
            FileHandle.standardError.write(Data("colloquy: \(lack)\n".utf8))
            return
        }
        let report = try await untilSignalled { try await run.report(of: parts) }
        print(json ? try JSONLine.text(report) : report.text)
    }
}

extension BenchmarkSubject.Published: ExpressibleByArgument {}
extension BenchmarkPart: ExpressibleByArgument {}
extension CodecPrecision: ExpressibleByArgument {}
