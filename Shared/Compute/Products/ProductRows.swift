internal import CKernels

/// Rows of activations in the form that products with packed weights read: bf16, or int8 with a scale for every group.
///
/// Like `Matrix` a window onto shared storage. Each row is followed by zeros up to whole steps of the kernels, and the
/// storage by some more, so that a kernel may read beyond a row's end: it meets finite numbers, and multiplies them by zero.
package struct ProductRows: Sendable {
    package let precision: ProductWeights.Precision
    package let rows: Int
    package let columns: Int
    /// Elements from one row to the next.
    let stride: Int
    /// Storage and first element of the values; kernels in C alone read and write them.
    let storage: AlignedFloats
    let offset: Int
    /// Where the scales of int8 begin in the storage, in floats, and how many a row has.
    private let scalesOffset: Int
    let scalesPerRow: Int

    /// Elements that follow the last row.
    private static let slack = 64

    /// Columns up to which a row's own zeros reach.
    static func filled(_ columns: Int, _ precision: ProductWeights.Precision) -> Int {
        (columns + precision.step - 1) / precision.step * precision.step
    }

    /// Elements from row to row where rows need not be dense: an odd number of cache lines, since at a stride of many powers
    /// of two the rows that a kernel reads side by side would all want the same few places of the first cache.
    static func stride(_ columns: Int, _ precision: ProductWeights.Precision) -> Int {
        let line = 64 / precision.bytes
        return ((filled(columns, precision) + line - 1) / line | 1) * line
    }

    private static func valueFloats(rows: Int, stride: Int, _ precision: ProductWeights.Precision) -> Int {
        ((rows * stride + slack) * precision.bytes + 63) / 64 * 16
    }

    static func floats(rows: Int, columns: Int, _ precision: ProductWeights.Precision) -> Int {
        valueFloats(rows: rows, stride: stride(columns, precision), precision)
            + (precision == .int8 ? rows * precision.scales(of: columns) : 0)
    }

    /// All zeros, with rows of exactly `columns` elements side by side if `isDense`, for `windows`.
    package init(rows: Int, columns: Int, precision: ProductWeights.Precision = .bf16, isDense: Bool = false) {
        let stride = isDense ? columns : Self.stride(columns, precision)
        let count =
            Self.valueFloats(rows: rows, stride: stride, precision)
            + (precision == .int8 ? rows * precision.scales(of: columns) : 0)
        self.init(
            storage: AlignedFloats(count: count), rows: rows, columns: columns, stride: stride, precision: precision)
    }

    /// In storage of arbitrary content, of `floats(rows:columns:_:)` floats.
    init(
        storage: AlignedFloats, rows: Int, columns: Int, stride: Int, precision: ProductWeights.Precision
    ) {
        let values = Self.valueFloats(rows: rows, stride: stride, precision)
        let slack = UnsafeMutableRawPointer(storage.base) + rows * stride * precision.bytes
        slack.initializeMemory(as: UInt8.self, repeating: 0, count: Self.slack * precision.bytes)
        self.init(
            precision: precision, rows: rows, columns: columns, stride: stride, storage: storage, offset: 0,
            scalesOffset: values, scalesPerRow: precision.scales(of: columns))
    }

    private init(
        precision: ProductWeights.Precision, rows: Int, columns: Int, stride: Int, storage: AlignedFloats, offset: Int,
        scalesOffset: Int, scalesPerRow: Int
    ) {
        self.precision = precision
        self.rows = rows
        self.columns = columns
        self.stride = stride
        self.storage = storage
        self.offset = offset
        self.scalesOffset = scalesOffset
        self.scalesPerRow = scalesPerRow
    }

    /// The first element, valid while the rows live: for one call of a kernel.
    var halves: UnsafeMutablePointer<UInt16> {
        UnsafeMutableRawPointer(storage.base).assumingMemoryBound(to: UInt16.self) + offset
    }
    var bytes: UnsafeMutablePointer<UInt8> {
        UnsafeMutableRawPointer(storage.base).assumingMemoryBound(to: UInt8.self) + offset
    }
    var scales: UnsafeMutablePointer<Float> { storage.base + scalesOffset }

    /// Columns that a kernel which fills a row up with zeros may write.
    var filled: Int { min(stride, Self.filled(columns, precision)) }

    // MARK: Parts

    package func rows(_ range: Range<Int>) -> ProductRows {
        precondition(range.lowerBound >= 0 && range.upperBound <= rows, "rows \(range) of \(rows)")
        return ProductRows(
            precision: precision, rows: range.count, columns: columns, stride: stride, storage: storage,
            offset: offset + range.lowerBound * stride, scalesOffset: scalesOffset + range.lowerBound * scalesPerRow,
            scalesPerRow: scalesPerRow)
    }

    /// Some columns of bf16, to be read: behind them stand others, or zeros.
    package func columns(_ range: Range<Int>) -> ProductRows {
        precondition(precision == .bf16 && range.lowerBound >= 0 && range.upperBound <= columns, "columns \(range)")
        return ProductRows(
            precision: precision, rows: rows, columns: range.count, stride: stride, storage: storage,
            offset: offset + range.lowerBound, scalesOffset: scalesOffset, scalesPerRow: scalesPerRow)
    }

    /// What a convolution sees: row n of the result is rows `n · step` … `n · step + length − 1` side by side.
    ///
    /// - Precondition: dense rows of bf16, as many as the windows reach.
    package func windows(count: Int, step: Int, length: Int) -> ProductRows {
        precondition(
            precision == .bf16 && stride == columns && (count == 0 || (count - 1) * step + length <= rows),
            "\(count) windows of \(length) every \(step) rows of \(rows)")
        return ProductRows(
            precision: precision, rows: count, columns: columns * length, stride: columns * step, storage: storage,
            offset: offset, scalesOffset: scalesOffset, scalesPerRow: scalesPerRow)
    }

    // MARK: Filling

    /// Becomes the rows of `x`, rounded.
    ///
    /// - Precondition: equal shapes.
    package func assign(_ x: Matrix) {
        x.requireShape(rows, columns)
        switch precision {
        case .bf16: codec_rows_bf16(x.base, x.stride, rows, columns, halves, stride, filled)
        case .int8: codec_rows_int8(x.base, x.stride, rows, columns, bytes, stride, filled, scales, scalesPerRow)
        }
    }

    /// Rows that are made and packed at a time, so that they stay in a core's first cache in between.
    private static let rowsInLot = 8

    /// Becomes the rows that `make` fills in, rounded, some at a time: it gets their numbers and room for them.
    package func assign(scratch: ScratchMatrices, _ make: (Range<Int>, Matrix) -> Void) {
        scratch.with(rows: min(Self.rowsInLot, rows), columns: columns) { room in
            for start in Swift.stride(from: 0, to: rows, by: Self.rowsInLot) {
                let range = start..<min(start + Self.rowsInLot, rows)
                let some = room.rows(0..<range.count)
                make(range, some)
                self.rows(range).assign(some)
            }
        }
    }

    /// Becomes the rows of `x`, which are bf16, in int8.
    ///
    /// - Precondition: equal shapes.
    package func assign(_ x: ProductRows) {
        precondition(precision == .int8 && x.precision == .bf16 && x.rows == rows && x.columns == columns)
        codec_half_rows_int8(x.halves, x.stride, rows, columns, bytes, stride, filled, scales, scalesPerRow)
    }
}

extension ScratchMatrices {
    /// Lends rows of arbitrary content to `body`.
    package func with(
        packed precision: ProductWeights.Precision, rows: Int, columns: Int, _ body: (ProductRows) -> Void
    ) {
        with(floats: ProductRows.floats(rows: rows, columns: columns, precision)) {
            body(
                ProductRows(
                    storage: $0, rows: rows, columns: columns, stride: ProductRows.stride(columns, precision),
                    precision: precision))
        }
    }
}
