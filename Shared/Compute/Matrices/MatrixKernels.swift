internal import CKernels

/// The codec's element-wise kernels, with their shapes checked.
extension Matrix {
    /// x becomes GELU(x), in its exact erf form.
    package func applyGELU() { codec_gelu(base, Int64(stride), Int64(rows), Int64(columns)) }

    /// x becomes GELU(x + bias), in its exact erf form; `bias` is one row.
    package func addBiasAndGELU(_ bias: Matrix) {
        bias.requireShape(1, columns)
        codec_bias_gelu(base, Int64(stride), bias.base, Int64(rows), Int64(columns))
    }

    /// Each row becomes its softmax.
    package func softmaxRows() {
        guard columns > 0 else { return }
        codec_softmax(base, Int64(stride), Int64(rows), Int64(columns))
    }

    /// This matrix becomes the layer norm of the rows of `x`; `weight` and `bias` are one row each. `x` may be this matrix.
    package func assignLayerNorm(of x: Matrix, weight: Matrix, bias: Matrix, epsilon: Float) {
        x.requireShape(rows, columns)
        weight.requireShape(1, columns)
        bias.requireShape(1, columns)
        codec_layer_norm(
            x.base, Int64(x.stride), weight.base, bias.base, epsilon, base, Int64(stride), Int64(rows), Int64(columns))
    }

    /// This matrix becomes the rows from `firstRow` on of the convolution of `x` along its rows, one filter a column,
    /// zeros around: y[r, c] = bias[c] + Σ weight[tap, c] · x[r + tap − taps/2, c].
    ///
    /// - Parameter weight: `[taps, columns]`, taps odd.
    package func assignDepthwise(of x: Matrix, weight: Matrix, bias: Matrix, firstRow: Int) {
        precondition(firstRow >= 0 && firstRow + rows <= x.rows && weight.rows % 2 == 1 && weight.isContiguous)
        x.requireShape(x.rows, columns)
        weight.requireShape(weight.rows, columns)
        bias.requireShape(1, columns)
        codec_depthwise(
            x.base, Int64(x.stride), Int64(x.rows), weight.base, Int64(weight.rows), bias.base, Int64(firstRow), base,
            Int64(stride), Int64(rows), Int64(columns))
    }

    /// This matrix becomes x · table, `[rows, inner]` times `[inner, columns]`, for tables of some hundred rows: a row's sums
    /// depend on that row alone.
    ///
    /// - Precondition: the columns are a multiple of `tableColumns`.
    package func assign(_ x: Matrix, timesTable table: Matrix) {
        precondition(columns % Self.tableColumns == 0, "a table of \(columns) columns")
        x.requireShape(rows, table.rows)
        requireShape(rows, table.columns)
        codec_table(
            x.base, Int64(x.stride), table.base, Int64(table.stride), base, Int64(stride), Int64(rows),
            Int64(table.rows), Int64(columns))
    }

    /// What the columns of a table are filled up to a multiple of.
    package static let tableColumns = 32

    /// `other` is added; one row is added to every row.
    package func add(_ other: Matrix) {
        other.requireShape(other.rows == 1 ? 1 : rows, columns)
        codec_add(
            base, Int64(stride), other.base, other.rows == 1 ? 0 : Int64(other.stride), Int64(rows), Int64(columns))
    }

    /// This matrix becomes silu(gate) ∘ up, the left and the right half of the columns of `gateAndUp`.
    package func assignGated(_ gateAndUp: Matrix) {
        gateAndUp.requireShape(rows, 2 * columns)
        codec_silu_product(
            gateAndUp.base, gateAndUp.base + columns, Int64(gateAndUp.stride), base, Int64(stride), Int64(rows),
            Int64(columns))
    }

    /// Rows of [log magnitude | phase] become rows of [real part | imaginary part], magnitudes cut at `limit`.
    package func assignPolar(_ x: Matrix, limit: Float) {
        precondition(columns % 2 == 0, "a complex row of \(columns) floats")
        x.requireShape(rows, columns)
        codec_polar(x.base, Int64(x.stride), base, Int64(stride), limit, Int64(rows), Int64(columns / 2))
    }

    /// Each row becomes the columns 0, 2, … of that of `x`, then the columns 1, 3, …
    ///
    /// - Precondition: apart from `x`.
    package func assignEveryOther(_ x: Matrix) {
        x.requireShape(rows, columns)
        codec_every_other(x.base, Int64(x.stride), base, Int64(stride), Int64(rows), Int64(columns))
    }

    /// Each row becomes a frame, of an even number of samples, from what its cosines and sines come to.
    ///
    /// - Parameter parts: Sums over even cosines, odd cosines, even sines, odd sines, side by side; of each the first are those
    ///   of the positions 0 … columns/4.
    /// - Precondition: apart from `parts`.
    package func assignUnfolded(_ parts: Matrix) {
        precondition(columns % 2 == 0 && parts.columns % 4 == 0 && parts.columns / 4 > columns / 4)
        parts.requireShape(rows, parts.columns)
        codec_unfold(
            parts.base, Int64(parts.stride), Int64(parts.columns / 4), base, Int64(stride), Int64(rows), Int64(columns))
    }

    /// a ∘ b, one row each, is added to the columns from `first` on of the one row of this matrix.
    package func add(_ a: Matrix, timesElements b: Matrix, at first: Int) {
        precondition(rows == 1 && a.rows == 1 && first >= 0 && first + a.columns <= columns, "no room at \(first)")
        b.requireShape(1, a.columns)
        codec_add_product(base + first, a.base, b.base, Int64(a.columns))
    }

    /// This matrix becomes the transpose of `x`.
    package func assignTransposed(_ x: Matrix) {
        requireShape(x.columns, x.rows)
        codec_transpose(x.base, Int64(x.stride), base, Int64(stride), Int64(x.rows), Int64(x.columns))
    }

    /// One step of residual quantisation for row `row`, in the original's order of rounding: finds the first entry that
    /// is nearest to the row, subtracts it, and tells its number.
    ///
    /// - Parameters:
    ///   - dots: The products of this matrix with every entry, `[rows, entries]`.
    ///   - energies: ‖entry‖², one row.
    package func subtractNearest(row: Int, dots: Matrix, entries: Matrix, energies: Matrix) -> Int {
        dots.requireShape(rows, entries.rows)
        entries.requireShape(entries.rows, columns)
        energies.requireShape(1, entries.rows)
        precondition(row >= 0 && row < rows && entries.rows > 0, "row \(row) of \(rows)")
        let residual = base + row * stride
        let nearest = codec_nearest(
            codec_energy(residual, Int64(columns)), dots.base + row * dots.stride, energies.base, Int64(entries.rows))
        codec_straight_through(residual, entries.base + Int(nearest) * entries.stride, Int64(columns))
        return Int(nearest)
    }

    /// ‖row‖² of every row, as one row.
    package func rowEnergies() -> Matrix {
        let energies = Matrix(rows: 1, columns: rows)
        for row in 0..<rows { energies[0, row] = codec_energy(base + row * stride, Int64(columns)) }
        return energies
    }
}
