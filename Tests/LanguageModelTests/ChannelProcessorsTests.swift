import LanguageModel
import TestSupport
import Testing

@Suite struct ChannelProcessorsTests {
    @Test func keepsTiesAtTheThresholdOfTopK() {
        #expect(candidates([1, 3, 2, 2, 0], ChannelSampling(topK: 2)).ids == [1, 2, 3])
        #expect(candidates([1, 1, 1], ChannelSampling(topK: 1)).ids == [0, 1, 2])
        #expect(candidates([1, 2], ChannelSampling(topK: 9)).ids == [0, 1])
    }

    @Test func topPKeepsTheLikeliestWhateverItIs() {
        #expect(candidates([0, 5, 1], ChannelSampling(topP: 0)).ids == [1])
        #expect(candidates([0, 5, 1], ChannelSampling(topP: 1)).ids == [0, 1, 2])
    }

    /// The shortcut that spares sorting must not show: against a plain sort of everything.
    @Test(arguments: [0.1, 0.5, 0.9, 0.99, 0.9999]) func topPEqualsAPlainSort(topP: Double) {
        var random = SeededRandom(seed: UInt64(topP * 1000))
        for scale: Float in [0.1, 1, 10] {
            let scores = (0..<500).map { _ in Float.random(in: -scale...scale, using: &random) }
            let all = candidates(scores, ChannelSampling())
            let ascending = all.ids.sorted { scores[Int($0)] < scores[Int($1)] }
            var dropped = 0.0
            var kept = ascending[...]
            while kept.count > 1, let least = kept.first {
                dropped += Double(all.probabilities[Int(least)])
                if dropped > 1 - topP { break }
                kept = kept.dropFirst()
            }
            #expect(candidates(scores, ChannelSampling(topP: topP)).ids == kept.sorted(), "scale \(scale)")
        }
    }

    @Test func penaltyMovesScoresOfBothSignsDown() {
        var scores: [Float] = [2, -2, 2]
        _ = scores.withUnsafeMutableBufferPointer {
            ChannelProcessors(ChannelSampling(repetitionPenalty: 2)).candidates($0, blocked: nil, history: [0, 1])
        }
        #expect(scores == [1, -4, 2])
    }

    @Test func greedyTakesTheFirstOfTheBest() {
        #expect(choose([1, 3, 3], ChannelSampling(drawsAtRandom: false)) == 1)
        #expect(choose([1, 3, 3], ChannelSampling(drawsAtRandom: false), blocked: 1) == 2)
    }

    @Test func drawsGoThroughTheIDsInAscendingOrder() {
        let even: [Float] = [0, 0, 0, 0]
        for (draw, id) in [(0.01, 0), (0.26, 1), (0.74, 2), (0.99, 3)] {
            #expect(choose(even, ChannelSampling(), uniform: draw) == Int32(id))
        }
        #expect(choose(even, ChannelSampling(), blocked: 3, uniform: 0.999_999) == 2)
    }

    @Test func brokenScoresGiveNoID() {
        for sampling in [ChannelSampling(), ChannelSampling(topK: 2), ChannelSampling(drawsAtRandom: false)] {
            #expect(choose([.nan, .nan, .nan], sampling) == nil)
            #expect(choose([.nan, 1, .nan], sampling) == 1)
            #expect(choose([-.infinity, -.infinity], sampling) == nil)
        }
    }

    private func candidates(_ scores: [Float], _ sampling: ChannelSampling) -> ChannelProcessors.Candidates {
        var scores = scores
        return scores.withUnsafeMutableBufferPointer {
            ChannelProcessors(sampling).candidates($0, blocked: nil, history: [])
        }
    }

    private func choose(
        _ scores: [Float], _ sampling: ChannelSampling, blocked: Int32? = nil, uniform: Double = 0.5
    ) -> Int32? {
        var scores = scores
        return scores.withUnsafeMutableBufferPointer {
            ChannelProcessors(sampling).choose($0, blocked: blocked, history: []) { uniform }
        }
    }
}
