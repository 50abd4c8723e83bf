internal import CKernels

/// Keys and values of one attention head in bf16, laid out for products; any number of queries may then look at them.
package struct AttentionHead: Sendable {
    private let width: Int
    private let positions: Int
    /// `[positions, width]`
    private let keys: ProductWeights
    /// `[width, positions]`
    private let values: ProductWeights

    /// Room for so many positions.
    package init(positions: Int, width: Int) {
        self.positions = positions
        self.width = width
        keys = ProductWeights(roomFor: positions, inputs: width)
        values = ProductWeights(roomFor: width, inputs: positions)
    }

    /// Takes keys and values, `[positions, width]` each in bf16. Nobody may be looking at the head.
    package func fill(keys: ProductRows, values: ProductRows) {
        self.keys.fill(keys)
        self.values.fill(transposing: values)
    }

    /// `result` `[queries, width]` becomes softmax(scale · q kᵀ) v.
    ///
    /// - Precondition: queries of bf16 and of the head's width, at least one position, a positive scale.
    package func attend(
        _ queries: ProductRows, into result: Matrix, scale: Float, scratch: ScratchMatrices,
        version: ProductVersion? = nil
    ) {
        precondition(queries.precision == .bf16 && queries.columns == width && positions > 0 && scale > 0)
        result.requireShape(queries.rows, width)
        let kernel = (version ?? ProductVersion.chosen(for: .bf16)).bf16
        let most = Int(CODEC_QUERIES)
        let panels = (positions + Int(CODEC_PANEL) - 1) / Int(CODEC_PANEL)
        scratch.with(floats: most * panels * Int(CODEC_PANEL)) { scores in
            scratch.with(packed: .bf16, rows: most, columns: positions) { shares in
                for start in stride(from: 0, to: queries.rows, by: most) {
                    let rows = start..<min(start + most, queries.rows)
                    let (part, into) = (queries.rows(rows), result.rows(rows))
                    codec_attention_bf16(
                        kernel, part.halves, part.stride, rows.count, keys.halves, values.halves, positions, width,
                        scale, scores.base, shares.halves, shares.stride, into.base, into.stride)
                }
            }
        }
    }
}
