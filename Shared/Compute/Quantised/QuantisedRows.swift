internal import CKernels

/// Room for rows of activations in 8 bits, made once; a layer with packed weights reads its input from here.
///
/// - Invariant: `base` is owned by this object, lives as long as it and never moves. Threads may share the object: each
///   writes groups of its own rows, and whoever ordered the writing waits before it orders the reading. That is why
///   `@unchecked Sendable` is true.
public final class QuantisedRows: @unchecked Sendable {
    private let capacity: Int
    private let base: UnsafeMutableRawPointer

    public static func bytes(rows: Int, inputs: Int) -> Int {
        clq_quantised_room(rows * groups(inputs))
    }

    /// Of so many inputs, the last one perhaps in part.
    static func groups(_ inputs: Int) -> Int { (inputs + CLQ_GROUP - 1) / CLQ_GROUP }

    /// - Parameters:
    ///   - rows: Of a pass at most.
    ///   - inputs: Of a layer at most.
    public init(rows: Int, inputs: Int) {
        precondition(rows > 0 && inputs > 0, "room for \(rows) rows of \(inputs)")
        capacity = rows * Self.groups(inputs)
        // A group fills whole cache lines.
        let bytes = Self.bytes(rows: rows, inputs: inputs)
        base = LargePages.allocate(byteCount: bytes)
        base.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    }

    deinit { base.deallocate() }

    /// The same without what keeps it in memory: copying it counts no references. Not to be kept.
    package struct View {
        let rows: clq_quantised_rows
    }

    package var view: View { View(rows: rows) }

    /// Inputs that share a scale.
    package static var groupSize: Int { Int(CLQ_GROUP) }

    /// Where the groups of so many rows at most lie.
    var rows: clq_quantised_rows { clq_quantised_rows_in(base, capacity) }

    func requireRoom(rows: Int, inputs: Int) {
        let groups = Self.groups(inputs)
        precondition(rows * groups <= capacity, "\(rows) rows of \(groups) groups in a room for \(capacity)")
    }
}

extension Kernels {
    /// Quantises row `row` of `rows`.
    public func quantise(_ x: UnsafePointer<Float>, inputs: Int, row: Int, of rows: Int, into room: QuantisedRows) {
        room.requireRoom(rows: rows, inputs: inputs)
        quantise(x, inputs: inputs, row: row, of: rows, from: 0, into: room.view)
    }

    /// Quantises a part of row `row` of `rows`, its inputs from number `first` on, which begins a group.
    ///
    /// - Precondition: The room is for as many rows of as many inputs.
    package func quantise(
        _ x: UnsafePointer<Float>, inputs: Int, row: Int, of rows: Int, from first: Int, into view: QuantisedRows.View
    ) {
        quantised.pointee.quantise(x, inputs, clq_rows_from(view.rows, first / CLQ_GROUP * rows + row), rows)
    }

    /// A layer with packed weights, for the outputs of `tiles` of its tiles: `y[r, o]` for quantised rows `range` of `rows`.
    ///
    /// - Parameter y: `rows` rows, `stride` apart.
    @inline(__always)
    func linear(
        _ room: clq_quantised_rows, rows range: Range<Int>, of rows: Int, weights w: PackedMatrix.View,
        tiles: Range<Int>, into y: UnsafeMutablePointer<Float>, stride: Int
    ) {
        let layout = w.layout
        let first = tiles.lowerBound * CLQ_TILE
        let count = min(tiles.upperBound * CLQ_TILE, layout.outputs) - first
        let start = w.bytes + tiles.lowerBound * layout.tileBytes
        let kernel = layout.bits == .eight ? quantised.pointee.linear_8 : quantised.pointee.linear_4
        kernel(
            clq_rows_from(room, range.lowerBound), rows, range.count, start, layout.groups, count,
            y + range.lowerBound * stride + first, stride)
    }
}
