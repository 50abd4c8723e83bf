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

    /// What a run told: a rate for every kind that it was asked for, in the kind's unit.
    public struct Answer: Equatable, Sendable {
        public var rates: [ContestKind: Double]
        /// Of llama.cpp, where it says so: `6713 (a1b2c3d)`.
        public var build: String?

        public init(rates: [ContestKind: Double], build: String? = nil) {
            self.rates = rates
            self.build = build
        }
    }

    /// An answer that is none.
    public struct Unreadable: Error, Equatable, CustomStringConvertible {
        public let description: String
    }

    /// Rows of keys and values of all sequences together: 16 with 316 each and what it rounds each of them up to.
    private static let contextRows = 6200

    /// - Parameter kinds: As `ContestKind.calls` puts them together.
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
        }
    }

    /// Reads what a program wrote to its standard output.
    public static func answer(_ output: Data, of program: Program, to kinds: [ContestKind]) throws(Unreadable) -> Answer
    {
        let answer =
            switch program {
            case .bench: try benchAnswer(output, kinds)
            case .batchedBench: batchedAnswer(output, kinds)
            }
        for kind in kinds {
            guard let rate = answer.rates[kind], rate.isFinite, rate > 0 else {
                throw Unreadable(description: "\(program.rawValue) told no rate of \(kind.title)")
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

    private static func benchAnswer(_ output: Data, _ kinds: [ContestKind]) throws(Unreadable) -> Answer {
        let tests: [Test]
        do {
            tests = try decoder.decode([Test].self, from: output)
        } catch {
            throw Unreadable(description: "llama-bench wrote other JSON than its tests (\(error))")
        }
        var answer = Answer(rates: [:])
        for test in tests {
            if let number = test.buildNumber, let commit = test.buildCommit { answer.build = "\(number) (\(commit))" }
            for kind in kinds {
                let isMeant =
                    switch kind.work {
                    case .prefill(let rows): test.nPrompt == rows && test.nGen == 0
                    case .steps(let count, let depth, _):
                        test.nGen == count && test.nPrompt == 0 && (test.nDepth ?? 0) == depth
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

    private static func batchedAnswer(_ output: Data, _ kinds: [ContestKind]) -> Answer {
        var answer = Answer(rates: [:])
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
