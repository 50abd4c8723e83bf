internal import Checkpoint
internal import Compute

/// Attention of every position to every position (model.md 3.4), its projections included.
struct SelfAttention {
    let width: Int
    let heads: Int
    /// Queries, keys and values beside each other; keys have no bias, so theirs is zero.
    private let queriesKeysValues: Linear
    private let output: Linear

    private var headWidth: Int { width / heads }
    /// The original scales the query after its bias; scaling the product instead differs in the last bit at most.
    private var scale: Float { Float(1 / Double(headWidth).squareRoot()) }

    init(_ weights: CodecWeights, _ name: String, width: Int, heads: Int) throws(CheckpointError) {
        self.width = width
        self.heads = heads
        let stacked = Matrix(rows: 3 * width, columns: width)
        let bias = Matrix(rows: 1, columns: 3 * width)
        for (index, projection) in ["q_proj", "k_proj", "v_proj"].enumerated() {
            let part = index * width..<(index + 1) * width
            stacked.rows(part).assign(
                try weights.matrix("\(name).\(projection).weight", rows: width, columns: width))
            if projection != "k_proj" {
                bias.columns(part).assign(try weights.row("\(name).\(projection).bias", count: width))
            }
        }
        queriesKeysValues = Linear(stored: stacked, bias: bias, precision: weights.precision)
        output = try Linear(weights, "\(name).out_proj", outputs: width, inputs: width)
    }

    /// What positions know of each other, filled by `project`, then packed, then read by `add`.
    enum Projected {
        /// `[positions, 3 · width]`: queries, keys, values.
        case plain(Matrix)
        case packed(ProductRows, PackedHeads)

        /// To be called between the last `project` and the first `add`.
        func pack(pool: WorkerPool) {
            if case .packed(let rows, let heads) = self { heads.fill(from: rows, pool: pool) }
        }
    }

    /// Room for so many positions.
    func room(positions: Int) -> Projected {
        switch queriesKeysValues.form {
        case .plain, .exact: .plain(Matrix(rows: positions, columns: 3 * width))
        case .packed:
            .packed(
                ProductRows(rows: positions, columns: 3 * width),
                PackedHeads(positions: positions, heads: heads, headWidth: headWidth))
        }
    }

    /// Fills the rows `block` of `projected`.
    ///
    /// - Parameter input: Fills in some rows of what the layer takes, the normed rows, given their numbers in the block.
    func project(
        _ block: Range<Int>, into projected: Projected, scratch: ScratchMatrices, input: (Range<Int>, Matrix) -> Void
    ) {
        switch (projected, queriesKeysValues.form) {
        case (.plain(let rows), _):
            scratch.with(rows: block.count, columns: width) { x in
                input(0..<block.count, x)
                queriesKeysValues.apply(x, into: rows.rows(block), scratch: scratch)
            }
        case (.packed(let rows, _), .packed(let weight)):
            scratch.with(packed: weight.precision, rows: block.count, columns: width) { packed in
                packed.assign(scratch: scratch, input)
                weight.multiply(packed, into: rows.rows(block), bias: queriesKeysValues.bias)
            }
        case (.packed, _):
            preconditionFailure("room of another form")
        }
    }

    /// Attention of the positions of `block` to all is added to `y`, `[block, width]`.
    func add(_ block: Range<Int>, of projected: Projected, to y: Matrix, scratch: ScratchMatrices) {
        scratch.with(rows: block.count, columns: width) { values in
            switch projected {
            case .plain(let rows): attend(block, rows, into: values, scratch: scratch)
            case .packed(let rows, let heads):
                heads.attend(rows.rows(block), into: values, scale: scale, scratch: scratch)
            }
            output.add(values, to: y, scratch: scratch)
        }
    }

    private func attend(_ block: Range<Int>, _ projected: Matrix, into values: Matrix, scratch: ScratchMatrices) {
        scratch.with(rows: block.count, columns: projected.rows) { scores in
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
