import Checkpoint
import Compute
import Foundation
import LanguageModel
import TestSupport
import Testing
import Tokens

/// What keys and values in bf16 cost: the evidence of Docs/Decisions/0010-keys-and-values-in-bfloat16.md.
@Suite struct BFloat16KeysAndValuesTests {
    /// The embedded model reads what it wrote once, and both precisions say what comes next.
    @Test(arguments: DemoVoiceTraceTests.traces.sorted { $0.path < $1.path })
    func theEmbeddedModelHardlyNotices(trace: URL) throws {
        let source = try SafetensorsFile(trace)
        let exact = try TestModels.model(folder: DemoVoiceTraceTests.model)
        let rounded = try TestModels.model(folder: DemoVoiceTraceTests.model, keyValues: .bf16)
        let channels = exact.configuration.channels
        let grid = try DemoVoiceTraceTests.grid(source, "output_ids", channels)
        let prompt = try DemoVoiceTraceTests.grid(source, "input_ids", channels)
        let spoken = prompt.rows - channels..<grid.rows
        let expected = Forwarding(exact, grid, cuts: [grid.rows]).logits
        let actual = Forwarding(rounded, grid, cuts: [grid.rows]).logits
        var agreeing = 0
        var divergence = 0.0
        for channel in 0..<channels {
            let vocabulary = expected[channel].count / grid.rows
            for row in spoken {
                let range = row * vocabulary..<(row + 1) * vocabulary
                let (p, q) = (Array(expected[channel][range]), Array(actual[channel][range]))
                if p.firstIndex(of: p.max() ?? 0) == q.firstIndex(of: q.max() ?? 0) { agreeing += 1 }
                divergence += Self.divergence(p, q)
            }
        }
        let decisions = Double(channels * spoken.count)
        #expect(Double(agreeing) >= 0.995 * decisions, "\(agreeing) of \(decisions) agree")
        #expect(divergence / decisions < 1e-4, "\(divergence / decisions) nats a decision")
    }

    /// Kullback-Leibler divergence of the distributions that the scores `p` and `q` stand for, in nats.
    private static func divergence(_ p: [Float], _ q: [Float]) -> Double {
        func logProbabilities(_ scores: [Float]) -> [Double] {
            let highest = Double(scores.max() ?? 0)
            let sum = scores.reduce(0) { $0 + exp(Double($1) - highest) }
            return scores.map { Double($0) - highest - log(sum) }
        }
        return zip(logProbabilities(p), logProbabilities(q)).reduce(0) { $0 + exp($1.0) * ($1.0 - $1.1) }
    }
}
