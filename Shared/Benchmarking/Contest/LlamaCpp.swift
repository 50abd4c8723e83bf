public import Foundation

/// llama.cpp as its own benchmarks measure it: what they are asked, and what they answer.
public struct LlamaCpp: Sendable {
    /// `llama-bench` times one sequence, `llama-batched-bench` several.
    public enum Program: String, CaseIterable, Sendable {
        case bench = "llama-bench"
        case batchedBench = "llama-batched-bench"
    }

    /// One run of a program.
    public struct Call: Equatable, Sendable {
        public let program: Program
        public let arguments: [String]
    }

    /// Rows of keys and values of all sequences together: 16 with 316 each and what it rounds each of them up to.
    private static let contextRows = 6200

    /// - Parameter kinds: As `ContestKind.calls` puts them together.
    /// - Returns: nil for what it does not do.
    public static func call(_ kinds: [ContestKind], model: String, threads: Int) -> Call? {
        guard let first = kinds.first else { return nil }
        let common = ["-m", model, "-t", "\(threads)"]
        switch first.work {
        case .prefill(let rows):
            return Call(
                program: .bench, arguments: common + ["-p", "\(rows)", "-n", "0", "-r", "1", "-o", "json"])
        case .steps(let count, let depth, 1):
            return Call(
                program: .bench,
                arguments: common + ["-p", "0", "-n", "\(count)", "-d", "\(depth)", "-r", "1", "-o", "json"])
        case .steps(let count, let depth, _):
            let streams = kinds.compactMap { if case .steps(_, _, let streams) = $0.work { "\(streams)" } else { nil } }
            return Call(
                program: .batchedBench,
                arguments: common + [
                    "-c", "\(contextRows)", "-npp", "\(depth)", "-ntg", "\(count)", "-npl",
                    streams.joined(separator: ","), "--output-format", "jsonl",
                ])
        case .encode, .decode: return nil
        }
    }

    /// Reads what a program wrote to its standard output: a rate for every kind that it was asked for.
    public static func answer(
        _ output: Data, of program: Program, to kinds: [ContestKind]
    ) throws(UnreadableAnswer) -> PeerAnswer {
        let answer =
            switch program {
            case .bench: try benchAnswer(output, kinds)
            case .batchedBench: batchedAnswer(output, kinds)
            }
        for kind in kinds {
            guard let rate = answer.rates[kind], rate.isFinite, rate > 0 else {
                throw UnreadableAnswer(description: "\(program.rawValue) told no rate of \(kind.title)")
            }
        }
        return answer
    }

    /// An array of tests.
    private struct Test: Decodable {
        let buildCommit: String?
        let buildNumber: Int?
        let nPrompt, nGen: Int
        let nDepth: Int?
        let avgTs: Double
    }

    private static func benchAnswer(_ output: Data, _ kinds: [ContestKind]) throws(UnreadableAnswer) -> PeerAnswer {
        let tests: [Test]
        do {
            tests = try decoder.decode([Test].self, from: output)
        } catch {
            throw UnreadableAnswer(description: "llama-bench wrote other JSON than its tests (\(error))")
        }
        var answer = PeerAnswer(rates: [:])
        for test in tests {
            if let number = test.buildNumber, let commit = test.buildCommit { answer.build = "\(number) (\(commit))" }
            for kind in kinds {
                let isMeant =
                    switch kind.work {
                    case .prefill(let rows): test.nPrompt == rows && test.nGen == 0
                    case .steps(let count, let depth, _):
                        test.nGen == count && test.nPrompt == 0 && (test.nDepth ?? 0) == depth
                    case .encode, .decode: false
                    }
                if isMeant { answer.rates[kind] = test.avgTs }
            }
        }
        return answer
    }

    /// A line a number of streams, among others that are no JSON.
    private struct Batch: Decodable {
        let pp, tg, pl: Int
        let speedTg: Double
    }

    private static func batchedAnswer(_ output: Data, _ kinds: [ContestKind]) -> PeerAnswer {
        var answer = PeerAnswer(rates: [:])
        for line in output.split(separator: UInt8(ascii: "\n")) {
            guard let batch = try? decoder.decode(Batch.self, from: line) else { continue }
            for kind in kinds where kind.work == .steps(batch.tg, depth: batch.pp, streams: batch.pl) {
                answer.rates[kind] = batch.speedTg
            }
        }
        return answer
    }

    private static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return decoder
    }
}
