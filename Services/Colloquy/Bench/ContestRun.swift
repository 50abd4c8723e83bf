import Benchmarking
import Foundation
import ServiceKit

/// Who is measured beside us.
protocol ContestOpponent: Sendable {
    var peer: ContestReport.Peer { get }

    /// Says what is missing before minutes of measuring, not behind them.
    ///
    /// - Throws: `ServiceFailure`.
    func check() throws

    /// Runs `body` with someone to ask for kinds as `ContestKind.calls` puts them together; there are answers in each of its
    /// precisions.
    ///
    /// - Parameter kinds: All that will be asked for, of one part.
    func answering(
        _ kinds: [ContestKind], _ body: (_ ask: ([ContestKind]) async throws -> [PeerAnswer]) async throws -> Void
    ) async throws
}

/// A contest over one precision: every sample of ours is followed by one of theirs, on the same machine within the same
/// minute, because machines change from hour to hour.
struct ContestRun: Sendable {
    let run: BenchmarkRun
    let opponent: any ContestOpponent
    let kinds: [ContestKind]
    let repetitions: Int
    let tell: @Sendable (String) -> Void

    func report() async throws -> ContestReport {
        try opponent.check()
        var report = ContestReport(
            try await run.frame(), repetitions: repetitions, peer: opponent.peer, kinds: kinds)
        for part in BenchmarkPart.usual {
            let kinds = kinds.filter { $0.part == part }
            if !kinds.isEmpty { try await contend(over: kinds, into: &report) }
        }
        return report
    }

    /// One part's kinds, with one process of ours.
    private func contend(over kinds: [ContestKind], into report: inout ContestReport) async throws {
        tell("loading what \(kinds.map(\.rawValue).joined(separator: ", ")) takes")
        var found = report
        let names = kinds.map(\.rawValue).joined(separator: ",")
        try await SamplerProcess.with(.ownSampler(run.arguments + ["--answer", "--only", names])) { sampler in
            let ready = try sampler.ready.message(ContestSampler.Ready.self)
            found.weightBytes = ready.weightBytes ?? found.weightBytes
            try await opponent.answering(kinds) { ask in
                for call in ContestKind.calls(kinds) {
                    for repetition in 1...repetitions {
                        tell("\(call.map(\.title).joined(separator: "; ")): \(repetition) of \(repetitions)")
                        for kind in call {
                            let line = try await sampler.answer(kind.rawValue)
                            found.add(try line.message(ContestSampler.Answer.self), precision: ready.precision)
                        }
                        for answer in try await ask(call) { found.add(answer) }
                    }
                    // A run that is stopped has told what it had.
                    call.compactMap(found.text(of:)).forEach(tell)
                }
            }
        }
        report = found
    }
}
