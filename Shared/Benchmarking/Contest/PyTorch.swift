internal import Checkpoint
public import Foundation

/// The original in PyTorch, as `Compose/peers/pytorch-sampler` runs it: how it is started, what it is asked, what it answers.
///
/// One process a part and precision. It says a line when it is ready and one for every line that it is sent, all in JSON.
public enum PyTorch {
    /// Numbers that the original works in.
    public enum Precision: String, CaseIterable, Sendable {
        case bf16
        case float32
    }

    /// In the folder that `Compose/peers/build-pytorch` makes.
    public static let program = "pytorch-sampler"

    /// What is worth being measured beside: bf16 as the language model is published, and for the codec whichever is faster.
    public static func precisions(of part: BenchmarkPart) -> [Precision] {
        part == .codec ? [.bf16, .float32] : [.bf16]
    }

    /// Of the program; the sizes are the subject's, the weights random.
    public static func arguments(
        _ subject: BenchmarkSubject, _ part: BenchmarkPart, _ precision: Precision, threads: Int
    ) throws -> [String] {
        let configuration =
            part == .codec
            ? try RandomModel.configurationText(subject.codec)
            : try RandomModel.configurationText(subject.languageModel)
        return [
            "--part", part.rawValue, "--precision", precision.rawValue, "--threads", "\(threads)", "--configuration",
            String(decoding: configuration, as: UTF8.self),
        ]
    }

    /// A line for it; nil for what it does not do.
    public static func question(_ kind: ContestKind) -> String? {
        switch kind.work {
        case .prefill(let rows): "prefill \(rows)"
        case .steps(let count, let depth, 1): "steps \(count) \(depth)"
        case .steps: nil
        case .encode(let seconds): "encode \(seconds)"
        case .decode(let seconds): "decode \(seconds)"
        }
    }

    /// Its version, out of the line with which it is ready: `2.15.0`.
    public static func build(_ line: Data) throws(UnreadableAnswer) -> String {
        struct Ready: Decodable { let software: String }
        let words = try decoded(Ready.self, line).software.split(separator: " ")
        guard words.count == 2, words[0] == ContestPeer.pyTorch.title else {
            throw UnreadableAnswer(description: "\(program) is ready, but not with PyTorch")
        }
        return String(words[1])
    }

    /// Reads the line that answers a question.
    public static func answer(_ line: Data, to kind: ContestKind) throws(UnreadableAnswer) -> PeerAnswer {
        struct Answer: Decodable {
            let rate: Double
            let peakMemoryBytes: Int?
        }
        let answer = try decoded(Answer.self, line)
        guard answer.rate.isFinite, answer.rate > 0 else {
            throw UnreadableAnswer(description: "\(program) told no rate of \(kind.title)")
        }
        return PeerAnswer(rates: [kind: answer.rate], peakMemoryBytes: answer.peakMemoryBytes)
    }

    private static func decoded<Message: Decodable>(
        _ type: Message.Type, _ line: Data
    ) throws(UnreadableAnswer) -> Message {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            return try decoder.decode(type, from: line)
        } catch {
            let words = String(decoding: line.prefix(80), as: UTF8.self)
            throw UnreadableAnswer(description: "\(program) said \"\(words)\", which is no answer")
        }
    }
}
