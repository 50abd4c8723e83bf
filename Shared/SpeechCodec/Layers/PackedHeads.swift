internal import Compute

/// Keys and values of all positions, laid out for products, head by head.
struct PackedHeads {
    private let headWidth: Int
    /// `[positions, head width]` each.
    private let keys: [ProductWeights]
    /// `[head width, positions]` each.
    private let values: [ProductWeights]

    /// Queries whose scores stay in a core's own cache.
    private static let queriesAtOnce = 48

    init(positions: Int, heads: Int, headWidth: Int) {
        self.headWidth = headWidth
        keys = (0..<heads).map { _ in ProductWeights(roomFor: positions, inputs: headWidth) }
        values = (0..<heads).map { _ in ProductWeights(roomFor: headWidth, inputs: positions) }
    }

    /// Becomes the keys and values of `projected`, `[positions, queries | keys | values]`.
    func fill(from projected: ProductRows, pool: WorkerPool) {
        let width = keys.count * headWidth
        pool.run(tasks: keys.count) { head in
            let start = width + head * headWidth
            keys[head].fill(projected.columns(start..<start + headWidth))
            values[head].fill(transposing: projected.columns(start + width..<start + width + headWidth))
        }
    }

    /// Attention of some positions to all, `[rows, width]`.
    ///
    /// - Parameters:
    ///   - projected: Their rows of what this was filled from.
    ///   - scale: Multiplies the products of queries and keys.
    func attend(_ projected: ProductRows, into result: Matrix, scale: Float, scratch: ScratchMatrices) {
        let positions = keys.first?.outputs ?? 0
        let blockRows = min(Self.queriesAtOnce, projected.rows)
        scratch.with(rows: blockRows, columns: positions) { scores in
            scratch.with(rows: 1, columns: blockRows) { shares in
                scratch.with(packed: .bf16, rows: blockRows, columns: positions) { exponentials in
                    for head in keys.indices {
                        let part = head * headWidth..<(head + 1) * headWidth
                        for start in stride(from: 0, to: projected.rows, by: blockRows) {
                            let block = start..<min(start + blockRows, projected.rows)
                            let (scores, shares) = (scores.rows(0..<block.count), shares.columns(0..<block.count))
                            let exponentials = exponentials.rows(0..<block.count)
                            keys[head].multiply(projected.rows(block).columns(part), into: scores)
                            exponentials.assignExponentials(of: scores, scale: scale, shares: shares)
                            values[head].multiply(
                                exponentials, into: result.rows(block).columns(part), rowScales: shares)
                        }
                    }
                }
            }
        }
    }
}
