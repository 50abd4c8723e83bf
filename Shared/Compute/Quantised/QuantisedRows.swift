internal import CKernels

/// Room for rows of activations in 8 bits, made once; a layer with packed weights reads its input from here.
///
/// - Invariant: `base` is owned by this object, lives as long as it and never moves. Threads may share the object: each
///   writes groups of its own rows, and whoever ordered the writing waits before it orders the reading. That is why
///   `@unchecked Sendable` is true.
public final class QuantisedRows: @unchecked Sendable {
    private let capacity: Int
    let base: UnsafeMutablePointer<clq_quantised_group>

    public static func bytes(rows: Int, inputs: Int) -> Int {
        rows * ((inputs + CLQ_GROUP - 1) / CLQ_GROUP) * MemoryLayout<clq_quantised_group>.stride
    }

    /// - Parameters:
    ///   - rows: Of a pass at most.
    ///   - inputs: Of a layer at most.
    public init(rows: Int, inputs: Int) {
        precondition(rows > 0 && inputs > 0, "room for \(rows) rows of \(inputs)")
        capacity = rows * ((inputs + CLQ_GROUP - 1) / CLQ_GROUP)
        // A group fills whole cache lines.
        base = UnsafeMutableRawPointer.allocate(
            byteCount: capacity * MemoryLayout<clq_quantised_group>.stride, alignment: 64
        ).bindMemory(to: clq_quantised_group.self, capacity: capacity)
        base.initialize(repeating: clq_quantised_group(), count: capacity)
    }

    deinit { base.deallocate() }

    func requireRoom(rows: Int, groups: Int) {
        precondition(rows * groups <= capacity, "\(rows) rows of \(groups) groups in a room for \(capacity)")
    }
}

extension Kernels {
    /// Quantises row `row` of `rows`.
    func quantise(_ x: UnsafePointer<Float>, inputs: Int, row: Int, of rows: Int, into room: QuantisedRows) {
        quantised.pointee.quantise(x, inputs, room.base + row, rows)
    }

    /// A layer with packed weights, for the outputs of `tiles` of its tiles: `y[r, o]` for all `rows` quantised rows.
    ///
    /// - Parameter y: `rows` rows, `stride` apart.
    @inline(__always)
    func linear(
        _ room: UnsafePointer<clq_quantised_group>, rows: Int, weights w: PackedMatrix.View, tiles: Range<Int>,
        into y: UnsafeMutablePointer<Float>, stride: Int
    ) {
        let layout = w.layout
        let first = tiles.lowerBound * CLQ_TILE
        let count = min(tiles.upperBound * CLQ_TILE, layout.outputs) - first
        let start = w.bytes + tiles.lowerBound * layout.tileBytes
        let kernel = layout.bits == .eight ? quantised.pointee.linear_8 : quantised.pointee.linear_4
        kernel(room, rows, rows, start, layout.groups, count, y + first, stride)
    }
}
