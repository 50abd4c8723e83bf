import Benchmarking
import Foundation
import ServiceKit

/// llama.cpp: one of its benchmarks is run to its end for every call.
struct LlamaCppOpponent: ContestOpponent {
    let folder: URL
    let model: String
    let threads: Int

    var peer: ContestReport.Peer { ContestReport.Peer(.llamaCpp, model: URL(filePath: model).lastPathComponent) }

    func check() throws {
        for program in LlamaCpp.Program.allCases { _ = try place(of: program) }
        guard FileManager.default.isReadableFile(atPath: model) else {
            throw ServiceFailure(
                .noInput, "\(model) cannot be read; Compose/peers/make-gguf makes models of random weights")
        }
    }

    func answering(
        _ kinds: [ContestKind], _ body: (([ContestKind]) async throws -> [PeerAnswer]) async throws -> Void
    ) async throws {
        try await body { [try await answer($0)] }
    }

    /// Runs the program that does these kinds, once.
    private func answer(_ kinds: [ContestKind]) async throws -> PeerAnswer {
        guard let call = LlamaCpp.call(kinds, model: model, threads: threads) else {
            throw ServiceFailure(.software, "there is nothing to ask llama.cpp")
        }
        let executable = try place(of: call.program)
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
            var answer = try LlamaCpp.answer(outcome.output, of: call.program, to: kinds)
            answer.peakMemoryBytes = outcome.peakMemoryBytes
            return answer
        } catch {
            throw ServiceFailure(.badData, "\(command): \(error); is it the llama.cpp that Compose/peers builds?")
        }
    }

    /// In its folder or in `bin` in there.
    private func place(of program: LlamaCpp.Program) throws -> URL {
        let places = [program.rawValue, "bin/\(program.rawValue)"].map { folder.appending(path: $0) }
        guard let place = places.first(where: { FileManager.default.isExecutableFile(atPath: $0.path) }) else {
            throw ServiceFailure(
                .noInput, "\(places[0].path) is not there, nor in bin; build llama.cpp with Compose/peers/build-llama")
        }
        return place
    }
}
