import Benchmarking
import Foundation
import Printing
import ServiceKit

/// A contest with llama.cpp over one precision: every sample of ours is followed by one of theirs, on the same machine within
/// the same minute, because machines change from hour to hour.
struct ContestRun: Sendable {
    let run: BenchmarkRun
    let against: ContestOptions.Against
    let peerModel: String
    let kinds: [ContestKind]
    let repetitions: Int
    let tell: @Sendable (String) -> Void

    func report() async throws -> ContestReport {
        // What is missing is said before minutes of measuring, not behind them.
        let programs = try Dictionary(
            uniqueKeysWithValues: LlamaCpp.Program.allCases.map { ($0, try against.program($0.rawValue)) })
        guard FileManager.default.isReadableFile(atPath: peerModel) else {
            throw ServiceFailure(
                .noInput, "\(peerModel) cannot be read; Compose/peers/make-gguf makes models of random weights")
        }
        let frame = try await run.report(of: [.machine])
        var report = ContestReport(
            software: frame.software, subject: frame.subject, processor: frame.processor, threads: frame.threads,
            repetitions: repetitions, loadBefore: frame.loadBefore, machine: frame.machine,
            precision: run.precision.rawValue,
            peer: ContestReport.Peer(
                name: ContestOptions.Against.name, model: URL(filePath: peerModel).lastPathComponent), kinds: kinds)
        tell("loading the model in \(run.precision.rawValue)")
        let names = kinds.map(\.rawValue).joined(separator: ",")
        return try await SamplerProcess.with(run.arguments + ["--answer", "--only", names]) { sampler in
            report.precision = sampler.ready.precision
            report.weightBytes = sampler.ready.weightBytes
            for call in ContestKind.calls(kinds) {
                for repetition in 1...repetitions {
                    tell("\(call.map(\.title).joined(separator: "; ")): \(repetition) of \(repetitions)")
                    for kind in call { report.add(try await sampler.answer(kind)) }
                    let (answer, peak) = try await ask(call, programs)
                    report.add(answer, peakMemoryBytes: peak)
                }
                // A run that is stopped has told what it had.
                call.compactMap(report.text(of:)).forEach(tell)
            }
            return report
        }
    }

    /// Runs the peer's program once.
    private func ask(
        _ kinds: [ContestKind], _ programs: [LlamaCpp.Program: URL]
    ) async throws -> (LlamaCpp.Answer, peakMemoryBytes: Int?) {
        guard let call = LlamaCpp.call(kinds, model: peerModel, threads: run.threads),
            let executable = programs[call.program]
        else { throw ServiceFailure(.software, "there is nothing to ask the peer") }
        let outcome = try await ChildProcess(
            executable: executable, arguments: call.arguments, keepsComplaints: true
        ).run()
        let command = ([executable.path] + call.arguments).joined(separator: " ")
        guard outcome.status == 0 else {
            let end = outcome.status.map { "ended with status \($0)" } ?? "was ended by a signal"
            let words = outcome.complaints.split(whereSeparator: \.isNewline).suffix(3).joined(separator: "; ")
            throw ServiceFailure(.unavailable, "\(command) \(end): \(words)")
        }
        do {
            return (try LlamaCpp.answer(outcome.output, of: call.program, to: kinds), outcome.peakMemoryBytes)
        } catch {
            throw ServiceFailure(.badData, "\(command): \(error); is it the llama.cpp that Compose/peers builds?")
        }
    }
}
