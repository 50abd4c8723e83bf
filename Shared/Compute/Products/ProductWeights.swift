internal import CKernels

/// Weights of a dense layer, or whatever else many rows are multiplied by, laid out for the product kernels.
///
/// - Invariant: the storage is written by `init` and `fill` alone; kernels read it.
package struct ProductWeights: Sendable {
    package enum Precision: Sendable {
        /// Rounded to 8 bits of mantissa; so are the rows. Sums are f32.
        case bf16
        /// Whole numbers with a scale for each output; rows in groups, each with a unit and a low.
        case int8

        var bytes: Int { self == .bf16 ? 2 : 1 }
        var step: Int { Int(self == .bf16 ? CODEC_STEP_BF16 : CODEC_STEP_INT8) }
        /// Groups of a row of so many columns.
        func groups(of columns: Int) -> Int {
            let group = Int(CODEC_GROUP)
            return self == .bf16 ? 0 : (columns + group - 1) / group
        }
        /// Floats of the scales of a row: a unit and a low for each group.
        func scales(of columns: Int) -> Int { 2 * groups(of: columns) }
    }

    package let precision: Precision
    package let outputs: Int
    package let inputs: Int
    /// Inputs of a whole panel in the storage, with the zeros that fill the last step of the kernels.
    private let panelInputs: Int
    private let storage: AlignedFloats
    /// Where these weights begin in the storage: in elements of it, and, of int8, in floats: scales of the outputs, totals
    /// of the groups.
    private let start: Int
    private let scalesStart: Int
    private let totalsStart: Int

    private static let panel = Int(CODEC_PANEL)

    package var byteCount: Int { storage.count * 4 }

    /// Floats of storage that weights of this shape take.
    static func floats(outputs: Int, inputs: Int, _ precision: Precision) -> Int {
        let whole = (outputs + panel - 1) / panel * panel
        let padded = ProductRows.filled(inputs, precision)
        return whole * padded * precision.bytes / 4
            + (precision == .int8 ? whole * (1 + precision.groups(of: inputs)) : 0)
    }

    private init(storage: AlignedFloats, outputs: Int, inputs: Int, _ precision: Precision) {
        let whole = (outputs + Self.panel - 1) / Self.panel * Self.panel
        let padded = ProductRows.filled(inputs, precision)
        let scalesStart = whole * padded * precision.bytes / 4
        self.init(
            precision: precision, outputs: outputs, inputs: inputs, panelInputs: padded, storage: storage, start: 0,
            scalesStart: scalesStart, totalsStart: scalesStart + whole)
    }

    private init(
        precision: Precision, outputs: Int, inputs: Int, panelInputs: Int, storage: AlignedFloats, start: Int,
        scalesStart: Int, totalsStart: Int
    ) {
        self.precision = precision
        self.outputs = outputs
        self.inputs = inputs
        self.panelInputs = panelInputs
        self.storage = storage
        self.start = start
        self.scalesStart = scalesStart
        self.totalsStart = totalsStart
    }

    /// Inputs with the zeros that fill the last step of the kernels.
    private var padded: Int { ProductRows.filled(inputs, precision) }

    /// The panels of bf16, valid while the weights live: for one call of a kernel.
    var halves: UnsafeMutablePointer<UInt16> {
        UnsafeMutableRawPointer(storage.base).assumingMemoryBound(to: UInt16.self) + start
    }
    private var levels: UnsafeMutablePointer<Int8> {
        UnsafeMutableRawPointer(storage.base).assumingMemoryBound(to: Int8.self) + start
    }
    private var totals: UnsafeMutablePointer<Float> { storage.base + totalsStart }

    // MARK: Parts

    /// What a part of the outputs, or of the inputs, may begin with a multiple of.
    package static let partAlignment = Int(CODEC_GROUP)

    /// The weights of some outputs.
    ///
    /// - Precondition: the first is a multiple of `partAlignment`.
    package func outputs(_ range: Range<Int>) -> ProductWeights {
        precondition(range.lowerBound % Self.partAlignment == 0 && range.upperBound <= outputs, "outputs \(range)")
        return ProductWeights(
            precision: precision, outputs: range.count, inputs: inputs, panelInputs: panelInputs, storage: storage,
            start: start + range.lowerBound * panelInputs, scalesStart: scalesStart + range.lowerBound,
            totalsStart: totalsStart + range.lowerBound * precision.groups(of: panelInputs))
    }

    /// The weights of some inputs: a product is the sum of those of all parts.
    ///
    /// - Precondition: the first is a multiple of `partAlignment`; so is the one behind the last, or it is the end.
    package func inputs(_ range: Range<Int>) -> ProductWeights {
        precondition(range.lowerBound % Self.partAlignment == 0 && range.upperBound <= inputs, "inputs \(range)")
        precondition(range.upperBound % Self.partAlignment == 0 || range.upperBound == inputs, "inputs \(range)")
        return ProductWeights(
            precision: precision, outputs: outputs, inputs: range.count, panelInputs: panelInputs, storage: storage,
            start: start + range.lowerBound * Self.panel, scalesStart: scalesStart,
            totalsStart: totalsStart + precision.groups(of: range.lowerBound) * Self.panel)
    }

    // MARK: Packing

    /// Packs `[outputs, inputs]`.
    package init(_ weights: Matrix, precision: Precision) {
        let (outputs, inputs) = (weights.rows, weights.columns)
        self.init(
            storage: AlignedFloats(count: Self.floats(outputs: outputs, inputs: inputs, precision)), outputs: outputs,
            inputs: inputs, precision)
        switch precision {
        case .bf16: codec_pack_bf16(weights.base, weights.stride, outputs, inputs, padded, halves)
        case .int8:
            codec_pack_int8(
                weights.base, weights.stride, outputs, inputs, padded, levels, storage.base + scalesStart, totals)
        }
    }

    /// Room for `[outputs, inputs]` in bf16, to be filled before it is used.
    package init(roomFor outputs: Int, inputs: Int) {
        self.init(
            storage: AlignedFloats(unwritten: Self.floats(outputs: outputs, inputs: inputs, .bf16)), outputs: outputs,
            inputs: inputs, .bf16)
    }

    /// Becomes `rows`, `[outputs, inputs]` in bf16. Nobody may be computing with these weights.
    package func fill(_ rows: ProductRows) {
        precondition(precision == .bf16 && rows.precision == .bf16 && rows.rows == outputs && rows.columns == inputs)
        codec_pack_half(rows.halves, rows.stride, 1, outputs, inputs, padded, halves)
    }

    /// Becomes the transpose of `rows`, `[inputs, outputs]` in bf16. Nobody may be computing with these weights.
    package func fill(transposing rows: ProductRows) {
        precondition(precision == .bf16 && rows.precision == .bf16 && rows.rows == inputs && rows.columns == outputs)
        codec_pack_half(rows.halves, 1, rows.stride, outputs, inputs, padded, halves)
    }

    // MARK: Products

    /// `y` `[rows, outputs]` becomes x · wᵀ + bias + addend.
    ///
    /// - Parameters:
    ///   - x: `[rows, inputs]`, of the weights' precision.
    ///   - bias: One row.
    ///   - rowScales: One row, a factor for the product of each row of `x`.
    ///   - addend: Of the shape of `y`, and perhaps `y` itself, but no part of it moved.
    package func multiply(
        _ x: ProductRows, into y: Matrix, bias: Matrix? = nil, rowScales: Matrix? = nil, addend: Matrix? = nil,
        version: ProductVersion? = nil
    ) {
        y.requireShape(x.rows, outputs)
        var finish = finish(into: UnsafeMutableRawPointer(y.base), stride: y.stride, rows: x.rows, bias, rowScales)
        if let addend {
            addend.requireShape(x.rows, outputs)
            finish.addend = UnsafePointer(addend.base)
            finish.addend_stride = addend.stride
        }
        multiply(x, &finish, version)
    }

    /// `y`, rows of bf16, becomes x · wᵀ + bias, or GELU of it.
    package func multiply(
        _ x: ProductRows, into y: ProductRows, bias: Matrix? = nil, gelu: Bool = false, version: ProductVersion? = nil
    ) {
        precondition(y.precision == .bf16 && y.rows == x.rows && y.columns == outputs, "rows of another shape")
        var finish = finish(into: UnsafeMutableRawPointer(y.halves), stride: y.stride, rows: x.rows, bias, nil)
        finish.gelu = gelu ? 1 : 0
        finish.half = 1
        finish.y_filled = y.filled
        multiply(x, &finish, version)
    }

    private func finish(
        into y: UnsafeMutableRawPointer, stride: Int, rows: Int, _ bias: Matrix?, _ rowScales: Matrix?
    ) -> codec_finish {
        bias?.requireShape(1, outputs)
        rowScales?.requireShape(1, rows)
        return codec_finish(
            row_scales: rowScales.map { UnsafePointer($0.base) },
            output_scales: precision == .int8 ? UnsafePointer(storage.base + scalesStart) : nil,
            bias: bias.map { UnsafePointer($0.base) }, gelu: 0, addend: nil, addend_stride: 0, half: 0, y_filled: 0,
            y: y, y_stride: stride)
    }

    private func multiply(_ x: ProductRows, _ finish: inout codec_finish, _ version: ProductVersion?) {
        precondition(
            x.columns == inputs && x.precision == precision, "rows of \(x.columns) for weights of \(inputs) inputs")
        let version = version ?? ProductVersion.chosen(for: precision)
        switch precision {
        case .bf16:
            codec_product_bf16(version.bf16, x.halves, x.stride, x.rows, halves, panelInputs, padded, outputs, &finish)
        case .int8:
            codec_product_int8(
                version.int8, x.bytes, x.stride, x.scales, x.scalesPerRow, x.rows, levels, totals, panelInputs, padded,
                outputs, &finish)
        }
    }
}
