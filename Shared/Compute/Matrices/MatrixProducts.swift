internal import COpenBLAS

/// OpenBLAS, one thread a call: the threads above are ours, and what one call computes depends on its operands alone.
enum OpenBLAS {
    /// OpenBLAS would otherwise start threads of its own at the first product.
    static let singleThreaded: Void = openblas_set_num_threads(1)
}

extension Matrix {
    /// This matrix becomes `scale` · a · bᵀ: `[rows, inner]` times `[columns, inner]`.
    package func assign(_ a: Matrix, timesTransposed b: Matrix, scale: Float = 1) {
        multiply(a, b, transposed: true, scale: scale, keep: 0)
    }

    /// This matrix becomes a · b: `[rows, inner]` times `[inner, columns]`.
    package func assign(_ a: Matrix, times b: Matrix) { multiply(a, b, transposed: false, scale: 1, keep: 0) }

    /// a · b is added to this matrix.
    package func add(_ a: Matrix, times b: Matrix) { multiply(a, b, transposed: false, scale: 1, keep: 1) }

    /// This matrix becomes a · wᵀ by kernels of our own, for what OpenBLAS is slow at: it takes processors that are newer
    /// than itself for very old ones.
    package func assign(_ a: Matrix, timesTransposed w: WeightMatrix) {
        a.requireShape(rows, w.inputs)
        requireShape(rows, w.outputs)
        Kernels.chosen.linear(
            a.base, stride: a.stride, rows: rows, weights: w, outputs: 0..<w.outputs, into: base, stride: stride)
    }

    /// The matrix as weights for that, where it lies.
    ///
    /// - Precondition: contiguous.
    package var weights: WeightMatrix {
        precondition(isContiguous, "rows apart")
        return WeightMatrix(outputs: rows, inputs: columns, float32: base, owner: storage)
    }

    private func multiply(_ a: Matrix, _ b: Matrix, transposed: Bool, scale: Float, keep: Float) {
        a.requireShape(rows, a.columns)
        if transposed { b.requireShape(columns, a.columns) } else { b.requireShape(a.columns, columns) }
        guard rows > 0 && columns > 0 else { return }
        _ = OpenBLAS.singleThreaded
        cblas_sgemm(
            CblasRowMajor, CblasNoTrans, transposed ? CblasTrans : CblasNoTrans, Int32(rows), Int32(columns),
            Int32(a.columns), scale, a.base, Int32(a.stride), b.base, Int32(b.stride), keep, base, Int32(stride))
    }
}

/// The product of `[rows, inner]` and `[inner, columns]` in double precision, for tables and transforms that need it.
///
/// - Precondition: the counts fit the shapes.
package func product(_ a: [Double], _ b: [Double], rows: Int, inner: Int, columns: Int) -> [Double] {
    precondition(a.count == rows * inner && b.count == inner * columns, "operands of other shapes")
    var result = [Double](repeating: 0, count: rows * columns)
    guard rows > 0 && columns > 0 && inner > 0 else { return result }
    _ = OpenBLAS.singleThreaded
    cblas_dgemm(
        CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(rows), Int32(columns), Int32(inner), 1, a, Int32(inner), b,
        Int32(columns), 0, &result, Int32(columns))
    return result
}
