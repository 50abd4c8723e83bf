internal import Compute

/// Keys and values of all positions, laid out for products, head by head.
struct PackedHeads {
    private let headWidth: Int
    private let heads: [AttentionHead]

    init(positions: Int, heads: Int, headWidth: Int) {
        self.headWidth = headWidth
        self.heads = (0..<heads).map { _ in AttentionHead(positions: positions, width: headWidth) }
    }

    /// Becomes the keys and values of `projected`, `[positions, queries | keys | values]`.
    func fill(from projected: ProductRows, pool: WorkerPool) {
        let width = heads.count * headWidth
        pool.run(tasks: heads.count) { head in
            let start = width + head * headWidth
            heads[head].fill(
                keys: projected.columns(start..<start + headWidth),
                values: projected.columns(start + width..<start + width + headWidth))
        }
    }

    /// Attention of some positions to all, `[rows, width]`.
    ///
    /// - Parameters:
    ///   - projected: Their rows of what this was filled from.
    ///   - scale: Multiplies the products of queries and keys.
    func attend(_ projected: ProductRows, into result: Matrix, scale: Float, scratch: ScratchMatrices) {
        for (index, head) in heads.enumerated() {
            let part = index * headWidth..<(index + 1) * headWidth
            head.attend(projected.columns(part), into: result.columns(part), scale: scale, scratch: scratch)
        }
    }
}
