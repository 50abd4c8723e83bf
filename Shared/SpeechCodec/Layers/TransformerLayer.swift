internal import Checkpoint
internal import Compute

/// A pre-norm transformer layer without causal mask (model.md 3.4): every position sees every other.
///
/// It runs in two passes over the rows. The first makes queries, keys and values; the second does all the rest for a
/// block of rows at a time: attention of every head, its projection, and the feed-forward.
struct TransformerLayer {
    let width: Int
    let heads: Int
    let attentionNorm: LayerNorm
    /// Queries, keys and values beside each other, `[width, 3 · width]`; keys have no bias, so theirs is zero.
    let queriesKeysValues: Linear
    let attentionOutput: Linear
    let feedForwardNorm: LayerNorm
    let expand: Linear
    let contract: Linear

    init(_ weights: CodecWeights, _ name: String, width: Int, heads: Int, feedForward: Int) throws(CheckpointError) {
        self.width = width
        self.heads = heads
        attentionNorm = try LayerNorm(weights, "\(name).self_attn_layer_norm", width: width)
        let stacked = Linear(weight: Matrix(rows: width, columns: 3 * width), bias: Matrix(rows: 1, columns: 3 * width))
        for (index, projection) in ["q_proj", "k_proj", "v_proj"].enumerated() {
            let part = index * width..<(index + 1) * width
            let source = "\(name).self_attn.\(projection)"
            stacked.weight.columns(part).assign(
                try weights.transposed("\(source).weight", outputs: width, inputs: width))
            if projection != "k_proj" {
                stacked.bias?.columns(part).assign(try weights.row("\(source).bias", count: width))
            }
        }
        queriesKeysValues = stacked
        attentionOutput = try Linear(weights, "\(name).self_attn.out_proj", outputs: width, inputs: width)
        feedForwardNorm = try LayerNorm(weights, "\(name).final_layer_norm", width: width)
        expand = try Linear(weights, "\(name).fc1", outputs: feedForward, inputs: width)
        contract = try Linear(weights, "\(name).fc2", outputs: width, inputs: feedForward)
    }

    /// Replaces `x` `[positions, width]` by the layer's value.
    ///
    /// - Parameter projected: `[positions, 3 · width]`, overwritten.
    func apply(_ x: Matrix, projected: Matrix, workers: CodecWorkers) {
        workers.pool.runRows(0..<x.rows) { block in
            workers.scratch.with(rows: block.count, columns: width) { normed in
                attentionNorm.apply(x.rows(block), into: normed)
                queriesKeysValues.apply(normed, into: projected.rows(block))
            }
        }
        workers.pool.runRows(0..<x.rows) { block in
            workers.scratch.with(rows: block.count, columns: width) { values in
                attend(block, projected: projected, into: values, workers: workers)
                attentionOutput.add(values, to: x.rows(block))
                feedForwardNorm.apply(x.rows(block), into: values)
                workers.scratch.with(rows: block.count, columns: expand.outputs) { inner in
                    expand.applyWithGELU(values, into: inner)
                    contract.add(inner, to: x.rows(block))
                }
            }
        }
    }

    /// Attention of the queries of `block` to all positions, head by head, `[block, width]`.
    private func attend(_ block: Range<Int>, projected: Matrix, into values: Matrix, workers: CodecWorkers) {
        let headWidth = width / heads
        // The original scales the query after its bias; scaling the product instead differs in the last bit at most.
        let scale = Float(1 / Double(headWidth).squareRoot())
        workers.scratch.with(rows: block.count, columns: projected.rows) { scores in
            for head in 0..<heads {
                func part(_ third: Int) -> Matrix {
                    let start = third * width + head * headWidth
                    return projected.columns(start..<start + headWidth)
                }
                scores.assign(part(0).rows(block), timesTransposed: part(1), scale: scale)
                scores.softmaxRows()
                values.columns(head * headWidth..<(head + 1) * headWidth).assign(scores, times: part(2))
            }
        }
    }
}
