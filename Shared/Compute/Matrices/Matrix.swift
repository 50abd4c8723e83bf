/// Floats as `[rows, columns]`, row-major, or a part of such a matrix.
///
/// A matrix is a window onto shared storage, not a value: every copy and every part sees and changes the same numbers.
/// Threads may work on parts that do not overlap (`WorkerPool.runRows`). Sizes are the program's own, so a wrong one is
/// a broken promise and stops at a precondition.
package struct Matrix: Sendable {
    package let rows: Int
    package let columns: Int
    /// Floats from one row to the next.
    package let stride: Int
    let storage: AlignedFloats
    let offset: Int

    /// Zeros.
    package init(rows: Int, columns: Int) {
        self.init(
            storage: AlignedFloats(count: rows * columns), offset: 0, rows: rows, columns: columns, stride: columns)
    }

    /// Arbitrary content, for what is written before it is read.
    package init(unwritten rows: Int, columns: Int) {
        self.init(
            storage: AlignedFloats(unwritten: rows * columns), offset: 0, rows: rows, columns: columns, stride: columns)
    }

    /// - Precondition: `values` has `rows` times `columns` elements.
    package init(rows: Int, columns: Int, values: some Collection<Float>) {
        precondition(values.count == rows * columns, "\(values.count) values for a \(rows) x \(columns) matrix")
        self.init(rows: rows, columns: columns)
        _ = storage.buffer.update(fromContentsOf: values)
    }

    /// - Precondition: every row of the part lies inside `storage`, and rows do not overlap.
    init(storage: AlignedFloats, offset: Int, rows: Int, columns: Int, stride: Int) {
        precondition(rows >= 0 && columns >= 0 && offset >= 0 && (rows <= 1 || stride >= columns), "matrix of no shape")
        precondition(rows == 0 || offset + (rows - 1) * stride + columns <= storage.count, "matrix outside its storage")
        self.storage = storage
        self.offset = offset
        self.rows = rows
        self.columns = columns
        self.stride = stride
    }

    /// The first float. Valid while the matrix lives: use it inside one call to a kernel only.
    var base: UnsafeMutablePointer<Float> { storage.base + offset }

    package var isContiguous: Bool { stride == columns || rows <= 1 }

    // MARK: Parts

    package func rows(_ range: Range<Int>) -> Matrix {
        precondition(range.lowerBound >= 0 && range.upperBound <= rows, "rows \(range) of \(rows)")
        return part(offset: range.lowerBound * stride, rows: range.count, columns: columns, stride: stride)
    }

    package func columns(_ range: Range<Int>) -> Matrix {
        precondition(range.lowerBound >= 0 && range.upperBound <= columns, "columns \(range) of \(columns)")
        return part(offset: range.lowerBound, rows: rows, columns: range.count, stride: stride)
    }

    /// Rows `first`, `first + step`, … , `count` of them.
    package func rows(from first: Int, step: Int, count: Int) -> Matrix {
        precondition(
            step > 0 && first >= 0 && (count == 0 || first + (count - 1) * step < rows), "rows outside the matrix")
        return part(offset: first * stride, rows: count, columns: columns, stride: stride * step)
    }

    /// The same floats in another shape; rows that lie side by side join.
    ///
    /// - Precondition: contiguous, and not more floats than there are.
    package func reshaped(rows newRows: Int, columns newColumns: Int) -> Matrix {
        precondition(isContiguous && newRows * newColumns <= rows * columns, "cannot see the matrix in that shape")
        return part(offset: 0, rows: newRows, columns: newColumns, stride: newColumns)
    }

    private func part(offset delta: Int, rows: Int, columns: Int, stride: Int) -> Matrix {
        Matrix(
            storage: storage, offset: rows == 0 ? 0 : offset + delta, rows: rows, columns: columns,
            stride: rows <= 1 ? max(columns, 1) : stride)
    }

    // MARK: Elements

    package subscript(row: Int, column: Int) -> Float {
        get {
            precondition(row >= 0 && row < rows && column >= 0 && column < columns, "[\(row), \(column)] of a matrix")
            return base[row * stride + column]
        }
        nonmutating set {
            precondition(row >= 0 && row < rows && column >= 0 && column < columns, "[\(row), \(column)] of a matrix")
            base[row * stride + column] = newValue
        }
    }

    /// The floats of one row, for the length of the call.
    package func withRow<Result>(_ row: Int, _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result) rethrows
        -> Result
    {
        precondition(row >= 0 && row < rows, "row \(row) of \(rows)")
        return try body(UnsafeMutableBufferPointer(start: base + row * stride, count: columns))
    }

    /// A copy of all floats, row after row.
    package var values: [Float] {
        var copy: [Float] = []
        copy.reserveCapacity(rows * columns)
        for row in 0..<rows { withRow(row) { copy.append(contentsOf: $0) } }
        return copy
    }

    /// Copies `other` over this matrix.
    ///
    /// - Precondition: equal shapes.
    package func assign(_ other: Matrix) {
        requireShape(other.rows, other.columns)
        for row in 0..<rows { (base + row * stride).update(from: other.base + row * other.stride, count: columns) }
    }

    package func fill(_ value: Float) {
        for row in 0..<rows { (base + row * stride).update(repeating: value, count: columns) }
    }

    /// Every row becomes the one row of `pattern`.
    package func fill(rows pattern: Matrix) {
        pattern.requireShape(1, columns)
        for row in 0..<rows { (base + row * stride).update(from: pattern.base, count: columns) }
    }

    func requireShape(_ wantedRows: Int, _ wantedColumns: Int) {
        precondition(
            rows == wantedRows && columns == wantedColumns,
            "a \(rows) x \(columns) matrix where \(wantedRows) x \(wantedColumns) is needed")
    }
}
