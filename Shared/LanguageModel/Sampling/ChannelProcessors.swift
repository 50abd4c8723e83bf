internal import Compute
internal import Glibc

/// From raw scores to an id: masks, then the processors in the reference's order (model.md 6.2, golden/README.md L6).
package struct ChannelProcessors: Sendable {
    private let sampling: ChannelSampling
    private let kernels: Kernels

    package init(_ sampling: ChannelSampling) {
        self.sampling = sampling
        kernels = .chosen
    }

    /// Ids that may be drawn, ascending, with their probabilities.
    package struct Candidates: Equatable, Sendable {
        package var ids: [Int32]
        package var probabilities: [Float]
    }

    /// The id to take; nil when no score is a number.
    ///
    /// - Parameters:
    ///   - scores: `[vocabulary]`; overwritten.
    ///   - blocked: An id that may not be chosen at this step.
    ///   - history: The ids that the channel has had, each once.
    ///   - uniform: The draw, between 0 and 1.
    package func choose(
        _ scores: UnsafeMutableBufferPointer<Float>, blocked: Int32?, history: [Int32], uniform: () -> Double
    ) -> Int32? {
        scale(scores, blocked: blocked, history: history)
        // The best id passes top-k and top-p whatever they are.
        guard sampling.drawsAtRandom else { return best(scores) }
        return draw(from: filtered(scores), at: uniform())
    }

    /// What `choose` draws from.
    package func candidates(
        _ scores: UnsafeMutableBufferPointer<Float>, blocked: Int32?, history: [Int32]
    ) -> Candidates {
        scale(scores, blocked: blocked, history: history)
        return filtered(scores)
    }

    // MARK: Scores

    private func scale(_ scores: UnsafeMutableBufferPointer<Float>, blocked: Int32?, history: [Int32]) {
        if let blocked { scores[Int(blocked)] = -.infinity }
        if let penalty = sampling.repetitionPenalty.map(Float.init), penalty != 1 {
            for id in history {
                let score = scores[Int(id)]
                scores[Int(id)] = score < 0 ? score * penalty : score / penalty
            }
        }
        if let temperature = sampling.temperature.map(Float.init), temperature != 1 {
            for index in scores.indices { scores[index] /= temperature }
        }
    }

    /// The first of the highest scores.
    private func best(_ scores: UnsafeMutableBufferPointer<Float>) -> Int32? {
        var best: Int?
        var highest = -Float.infinity
        for index in scores.indices where scores[index] > highest {
            highest = scores[index]
            best = index
        }
        return best.map(Int32.init)
    }

    // MARK: Candidates

    private func filtered(_ scores: UnsafeMutableBufferPointer<Float>) -> Candidates {
        var ids: [Int32] = []
        if let topK = sampling.topK, topK < scores.count {
            let threshold = SelectionHeap.largest(topK, of: scores)
            for index in scores.indices where scores[index] >= threshold && scores[index] > -.infinity {
                ids.append(Int32(index))
            }
        } else {
            for index in scores.indices where scores[index] > -.infinity { ids.append(Int32(index)) }
        }
        if let topP = sampling.topP, topP < 1, ids.count > 1 {
            ids = nucleus(ids, probabilities(of: ids, scores), scores, dropping: 1 - topP)
        }
        return Candidates(ids: ids, probabilities: probabilities(of: ids, scores))
    }

    /// Softmax over the scores of `ids`.
    private func probabilities(of ids: [Int32], _ scores: UnsafeMutableBufferPointer<Float>) -> [Float] {
        var values = ids.map { scores[Int($0)] }
        guard let highest = values.max() else { return [] }
        values.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return }
            let sum = kernels.exponentials(start, shift: highest, count: buffer.count)
            for index in buffer.indices { buffer[index] /= sum }
        }
        return values
    }

    /// Drops the least likely ids as long as those dropped have at most `mass` together; equal ones fall by their id.
    private func nucleus(
        _ ids: [Int32], _ probabilities: [Float], _ scores: UnsafeMutableBufferPointer<Float>, dropping mass: Double
    ) -> [Int32] {
        // Ids this unlikely fall in any case, all of them together: only the others need sorting.
        let negligible = Float(0.5 * mass / Double(ids.count))
        var dropped = 0.0
        var rest: [Int] = []
        for (index, probability) in probabilities.enumerated() {
            if probability <= negligible { dropped += Double(probability) } else { rest.append(index) }
        }
        rest.sort { left, right in
            let (a, b) = (scores[Int(ids[left])], scores[Int(ids[right])])
            return a == b ? left < right : a < b
        }
        var kept = rest[...]
        while kept.count > 1, let least = kept.first {
            dropped += Double(probabilities[least])
            guard dropped <= mass else { break }
            kept = kept.dropFirst()
        }
        return kept.sorted().map { ids[$0] }
    }

    /// Inverse of the cumulative distribution, in ascending order of the ids.
    private func draw(from candidates: Candidates, at uniform: Double) -> Int32? {
        var total = 0.0
        for probability in candidates.probabilities { total += Double(probability) }
        var cumulative = 0.0
        var last: Int32?
        for (id, probability) in zip(candidates.ids, candidates.probabilities) where probability > 0 {
            cumulative += Double(probability)
            last = id
            if cumulative > uniform * total { break }
        }
        return last
    }
}

/// Finds the k-th largest score in one pass, which is cheap while k is small beside the vocabulary.
enum SelectionHeap {
    /// Minus infinity when fewer than `k` scores are above it.
    static func largest(_ k: Int, of scores: UnsafeMutableBufferPointer<Float>) -> Float {
        // The k largest so far, the least of them at the root.
        var heap = [Float](repeating: -.infinity, count: k)
        for score in scores where score > heap[0] {
            var hole = 0
            while true {
                var child = 2 * hole + 1
                guard child < k else { break }
                if child + 1 < k, heap[child + 1] < heap[child] { child += 1 }
                guard heap[child] < score else { break }
                heap[hole] = heap[child]
                hole = child
            }
            heap[hole] = score
        }
        return heap[0]
    }
}
