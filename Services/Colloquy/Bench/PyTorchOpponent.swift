import Benchmarking
import Foundation
import ServiceKit

/// The original in PyTorch: a process for each precision, which lives as long as it can be asked.
struct PyTorchOpponent: ContestOpponent {
    let folder: URL
    /// Whose sizes its models have.
    let subject: BenchmarkSubject
    let threads: Int

    var peer: ContestReport.Peer { ContestReport.Peer(.pyTorch) }

    private var program: URL { folder.appending(path: PyTorch.program) }

    func check() throws {
        guard FileManager.default.isExecutableFile(atPath: program.path) else {
            throw ServiceFailure(
                .noInput, "\(program.path) is not there; Compose/peers/build-pytorch FOLDER --source DIR makes it")
        }
    }

    func answering(
        _ kinds: [ContestKind], _ body: (([ContestKind]) async throws -> [PeerAnswer]) async throws -> Void
    ) async throws {
        guard let part = kinds.first?.part else { return }
        try await start(PyTorch.precisions(of: part)[...], part, []) { samplers in
            try await body { kinds in
                var answers: [PeerAnswer] = []
                for kind in kinds {
                    for (precision, sampler) in samplers {
                        var answer = try await answer(kind, sampler)
                        answer.precision = precision.rawValue
                        answer.build = try readable { () throws(UnreadableAnswer) in try PyTorch.build(sampler.ready) }
                        answers.append(answer)
                    }
                }
                return answers
            }
        }
    }

    private typealias Samplers = [(precision: PyTorch.Precision, sampler: SamplerProcess)]

    private func start(
        _ precisions: ArraySlice<PyTorch.Precision>, _ part: BenchmarkPart, _ started: Samplers,
        _ body: (Samplers) async throws -> Void
    ) async throws {
        guard let precision = precisions.first else { return try await body(started) }
        let command = SamplerProcess.Command(
            executable: program, arguments: try PyTorch.arguments(subject, part, precision, threads: threads),
            ended: ServiceFailure(
                .unavailable, "\(program.path) ended before it was done; its own words stand above"))
        try await SamplerProcess.with(command) { sampler in
            try await start(precisions.dropFirst(), part, started + [(precision, sampler)], body)
        }
    }

    private func answer(_ kind: ContestKind, _ sampler: SamplerProcess) async throws -> PeerAnswer {
        guard let question = PyTorch.question(kind) else {
            throw ServiceFailure(.software, "there is nothing to ask PyTorch for \(kind.rawValue)")
        }
        let line = try await sampler.answer(question)
        return try readable { () throws(UnreadableAnswer) in try PyTorch.answer(line, to: kind) }
    }

    private func readable<Value>(_ read: () throws(UnreadableAnswer) -> Value) throws -> Value {
        do {
            return try read()
        } catch {
            throw ServiceFailure(
                .badData, "\(program.path): \(error); is it the one that Compose/peers/build-pytorch makes?")
        }
    }
}
