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
    ///   - scratch: For this vocabulary; nil makes some.
    ///   - uniform: The draw, between 0 and 1.
    package func choose(
        _ scores: UnsafeMutableBufferPointer<Float>, blocked: Int32?, history: [Int32],
        scratch: SamplingScratch? = nil, uniform: () -> Double
    ) -> Int32? {
        scale(scores, blocked: blocked, history: history)
        // The best id passes top-k and top-p whatever they are.
        guard sampling.drawsAtRandom else { return best(scores) }
        let scratch = scratch ?? SamplingScratch(vocabulary: scores.count)
        return draw(among: filtered(scores, scratch), of: scratch, at: uniform())
    }

    /// What `choose` draws from.
    package func candidates(
        _ scores: UnsafeMutableBufferPointer<Float>, blocked: Int32?, history: [Int32]
    ) -> Candidates {
        scale(scores, blocked: blocked, history: history)
        let scratch = SamplingScratch(vocabulary: scores.count)
        let count = filtered(scores, scratch)
        return Candidates(
            ids: Array(scratch.ids[..<count]), probabilities: Array(scratch.probabilities.buffer[..<count]))
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

    /// Leaves the ids that may be drawn, with their probabilities, in `scratch`; returns how many there are.
    private func filtered(_ scores: UnsafeMutableBufferPointer<Float>, _ scratch: SamplingScratch) -> Int {
        var threshold = -Float.infinity
        if let topK = sampling.topK, topK < scores.count {
            threshold = SelectionHeap.largest(topK, of: scores, in: scratch.probabilities.base)
        }
        var count = 0
        for index in scores.indices where scores[index] >= threshold && scores[index] > -.infinity {
            scratch.ids[count] = Int32(index)
            count += 1
        }
        if let topP = sampling.topP, topP < 1, count > 1 {
            setProbabilities(count, scores, scratch)
            count = nucleus(count, scores, scratch, dropping: 1 - topP)
        }
        setProbabilities(count, scores, scratch)
        return count
    }

    /// Softmax over the scores of the first `count` ids.
    private func setProbabilities(
        _ count: Int, _ scores: UnsafeMutableBufferPointer<Float>, _ scratch: SamplingScratch
    ) {
        guard count > 0 else { return }
        let values = scratch.probabilities.base
        var highest = -Float.infinity
        for index in 0..<count {
            values[index] = scores[Int(scratch.ids[index])]
            highest = max(highest, values[index])
        }
        let sum = kernels.exponentials(values, shift: highest, count: count)
        for index in 0..<count { values[index] /= sum }
    }

    /// Drops the least likely of `count` ids as long as those dropped have at most `mass` together; equal ones fall by
    /// their id. Returns how many are left.
    private func nucleus(
        _ count: Int, _ scores: UnsafeMutableBufferPointer<Float>, _ scratch: SamplingScratch, dropping mass: Double
    ) -> Int {
        let probabilities = scratch.probabilities.base
        let isDropped: Float = -1
        // Ids this unlikely fall in any case, all of them together: only the others need an order.
        let negligible = Float(0.5 * mass / Double(count))
        var dropped = 0.0
        var rest = 0
        for index in 0..<count {
            if probabilities[index] <= negligible {
                dropped += Double(probabilities[index])
                probabilities[index] = isDropped
            } else {
                scratch.order[rest] = Int32(index)
                rest += 1
            }
        }
        func isLess(_ left: Int32, _ right: Int32) -> Bool {
            let a = scores[Int(scratch.ids[Int(left)])]
            let b = scores[Int(scratch.ids[Int(right)])]
            return a == b ? left < right : a < b
        }
        // The least likely at the root: a few are taken of many.
        for hole in stride(from: rest / 2 - 1, through: 0, by: -1) {
            SelectionHeap.sink(hole, of: rest, in: scratch.order, isLess)
        }
        while rest > 1 {
            let least = Int(scratch.order[0])
            dropped += Double(probabilities[least])
            guard dropped <= mass else { break }
            probabilities[least] = isDropped
            rest -= 1
            scratch.order[0] = scratch.order[rest]
            SelectionHeap.sink(0, of: rest, in: scratch.order, isLess)
        }
        var kept = 0
        for index in 0..<count where probabilities[index] != isDropped {
            scratch.ids[kept] = scratch.ids[index]
            kept += 1
        }
        return kept
    }

    /// Inverse of the cumulative distribution, in ascending order of the ids.
    private func draw(among count: Int, of scratch: SamplingScratch, at uniform: Double) -> Int32? {
        let probabilities = scratch.probabilities.base
        var total = 0.0
        for index in 0..<count { total += Double(probabilities[index]) }
        var cumulative = 0.0
        var last: Int32?
        for index in 0..<count where probabilities[index] > 0 {
            cumulative += Double(probabilities[index])
            last = scratch.ids[index]
            if cumulative > uniform * total { break }
        }
        return last
    }
}

/// Heaps with the least element at the root, in memory that is there already.
enum SelectionHeap {
    /// The k-th largest score in one pass, which is cheap while k is small beside the vocabulary. Minus infinity when
    /// fewer than `k` scores are above it.
    ///
    /// - Parameter heap: Room for `k` floats.
    static func largest(
        _ k: Int, of scores: UnsafeMutableBufferPointer<Float>, in heap: UnsafeMutablePointer<Float>
    ) -> Float {
        // The k largest so far, the least of them at the root.
        heap.update(repeating: -.infinity, count: k)
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

    /// Moves the element at `start` down to where nothing below it is less.
    static func sink(
        _ start: Int, of count: Int, in heap: UnsafeMutableBufferPointer<Int32>, _ isLess: (Int32, Int32) -> Bool
    ) {
        guard start < count else { return }
        let element = heap[start]
        var hole = start
        while true {
            var child = 2 * hole + 1
            guard child < count else { break }
            if child + 1 < count, isLess(heap[child + 1], heap[child]) { child += 1 }
            guard isLess(heap[child], element) else { break }
            heap[hole] = heap[child]
            hole = child
        }
        heap[hole] = element
    }
}
