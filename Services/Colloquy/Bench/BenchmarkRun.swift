import Benchmarking
import Diagnosis
import Foundation
import Printing
import ServiceKit
import SpeechCodec

/// One subject, measured part by part in processes of their own.
struct BenchmarkRun: Sendable {
    let model: String?
    let codec: String?
    let randomWeights: BenchmarkSubject.Published?
    let precision: ServiceSettings.Precision
    let threads: Int
    let isQuick: Bool
    let codecPrecision: SpeechCodec.Precision

    var extent: BenchmarkExtent { isQuick ? .quick : .full }

    var subject: BenchmarkSubject {
        get throws {
            var subject =
                try randomWeights.map { BenchmarkSubject(randomWeights: $0) }
                ?? BenchmarkSubject(
                    model: model.map { URL(filePath: $0) }, codec: codec.map { URL(filePath: $0) },
                    cacheFolder: ServiceSettings(
                        flags: ConfigurationFlags(), environment: ProcessInfo.processInfo.environment
                    )
                    .cacheDirectory)
            subject.codecPrecision = codecPrecision
            return subject
        }
    }

    /// Why it cannot be measured here: a machine that runs out of memory stops more than the benchmark.
    var lackOfMemory: String? {
        get throws {
            let subject = try subject
            let needed = subject.memoryEstimate(extent: extent, precision: try subject.weightPrecision(precision))
            guard let memory = Memory(meminfo: Self.text("/proc/meminfo")), memory.available < needed else {
                return nil
            }
            return "\(subject.name): takes about \(Quantity.bytes(needed)) of memory; "
                + "\(Quantity.bytes(memory.available)) are available"
        }
    }

    func report(of parts: [BenchmarkPart] = BenchmarkPart.usual) async throws -> BenchmarkReport {
        let frame = MeasurementFrame(
            software: Software.version, subject: try subject.name,
            processor: Processor(cpuinfo: Self.text("/proc/cpuinfo")).name, threads: threads,
            loadBefore: Self.text("/proc/loadavg").split(separator: " ").first.flatMap { Double($0) } ?? 0)
        var report = BenchmarkReport(frame, repetitions: extent.repetitions)
        for part in parts { report.add(try await measure(part)) }
        return report
    }

    /// For a report of another kind: with what the machine allows.
    func frame() async throws -> MeasurementFrame { try await report(of: [.machine]).frame }

    private func measure(_ part: BenchmarkPart) async throws -> PartReport {
        let outcome = try await ChildProcess(
            executable: URL(filePath: "/proc/self/exe").resolvingSymlinksInPath(),
            arguments: arguments + ["--part", part.rawValue]
        ).run()
        guard outcome.status == 0 else {
            throw ServiceFailure(.software, "the measurement of the \(part.rawValue) ended before it was done")
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(PartReport.self, from: outcome.output)
    }

    /// For a process that is to measure the same.
    var arguments: [String] {
        var arguments = [
            "bench", "--threads", "\(threads)", "--precision", precision.rawValue, "--encoder-precision",
            codecPrecision.encoder.rawValue, "--decoder-precision", codecPrecision.decoder.rawValue,
        ]
        if let randomWeights { arguments += ["--random-weights", randomWeights.rawValue] }
        if let model { arguments += ["--model", model] }
        if let codec { arguments += ["--codec", codec] }
        if isQuick { arguments.append("--quick") }
        return arguments
    }

    private static func text(_ path: String) -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
}
