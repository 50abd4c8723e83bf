internal import Checkpoint
internal import Compute

/// A pre-norm transformer layer without causal mask (model.md 3.4): every position sees every other.
///
/// It runs in two passes over the rows. The first makes queries, keys and values; the second does all the rest for a
/// block of rows at a time: attention of every head, its projection, and the feed-forward.
struct TransformerLayer {
    let width: Int
    let attention: SelfAttention
    private let attentionNorm: LayerNorm
    private let feedForwardNorm: LayerNorm
    private let feedForward: FeedForward

    init(_ weights: CodecWeights, _ name: String, width: Int, heads: Int, feedForward: Int) throws(CheckpointError) {
        self.width = width
        attentionNorm = try LayerNorm(weights, "\(name).self_attn_layer_norm", width: width)
        attention = try SelfAttention(weights, "\(name).self_attn", width: width, heads: heads)
        feedForwardNorm = try LayerNorm(weights, "\(name).final_layer_norm", width: width)
        self.feedForward = try FeedForward(
            weights, "\(name).fc1", "\(name).fc2", width: width, innerWidth: feedForward)
    }

    /// Replaces rows of `x` `[positions, width]` by the layer's value; the others become meaningless.
    ///
    /// - Parameters:
    ///   - wanted: The rows whose value is wanted; all rows are seen.
    ///   - projected: Room for all positions, overwritten.
    func apply(_ x: Matrix, wanted: Range<Int>, projected: SelfAttention.Projected, workers: CodecWorkers) {
        workers.pool.runRows(0..<x.rows) { block in
            let part = x.rows(block)
            attention.project(block, into: projected, scratch: workers.scratch) { rows, normed in
                attentionNorm.apply(part.rows(rows), into: normed)
            }
        }
        projected.pack(pool: workers.pool)
        workers.pool.runRows(wanted) { block in
            let part = x.rows(block)
            attention.add(block, of: projected, to: part, scratch: workers.scratch)
            feedForward.add(to: part, into: part, scratch: workers.scratch) { rows, normed in
                feedForwardNorm.apply(part.rows(rows), into: normed)
            }
        }
    }
}
