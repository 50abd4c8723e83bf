internal import Checkpoint
internal import Compute

/// A positional table, layers and a final norm: what both encoders, the adapters and the decoder have in common.
struct TransformerStack {
    let width: Int
    /// `[positions, width]`, as stored.
    let positions: Matrix
    let layers: [TransformerLayer]
    let finalNorm: LayerNorm
    private let name: String

    init(
        _ weights: CodecWeights, _ name: String, width: Int, positions: Int, layers: Int, heads: Int, feedForward: Int
    ) throws(CheckpointError) {
        self.name = name
        self.width = width
        self.positions = try weights.matrix("\(name).positional_embedding", rows: positions, columns: width)
        var built: [TransformerLayer] = []
        for layer in 0..<layers {
            built.append(
                try TransformerLayer(
                    weights, "\(name).layers.\(layer)", width: width, heads: heads, feedForward: feedForward))
        }
        self.layers = built
        // A layer's weights are in memory some three times while they are packed. What all layers leave behind would come to
        // a third of the codec.
        FreedMemory.giveBack()
        finalNorm = try LayerNorm(weights, "\(name).layer_norm", width: width)
    }

    /// Replaces rows of `x` `[positions, width]` by the stack's value; the others become meaningless.
    ///
    /// - Parameter wanted: The rows whose value is wanted; all of them if nil.
    /// - Precondition: no more rows than the positional table has.
    func apply(_ x: Matrix, wanted: Range<Int>? = nil, workers: CodecWorkers, probe: CodecProbe? = nil) {
        precondition(x.rows <= positions.rows, "\(x.rows) positions of \(positions.rows) in \(name)")
        let wanted = wanted ?? 0..<x.rows
        x.add(positions.rows(0..<x.rows))
        let room = layers.first?.attention.room(positions: x.rows)
        for (index, layer) in layers.enumerated() {
            guard let room else { break }
            // Up to the last layer every position sees all others, so all are computed.
            let rows = index < layers.count - 1 ? 0..<x.rows : wanted
            layer.apply(x, wanted: rows, projected: room, workers: workers)
            probe?("\(name).layers.\(index)", x)
        }
        workers.pool.runRows(wanted) { finalNorm.apply(x.rows($0), into: x.rows($0)) }
    }
}
