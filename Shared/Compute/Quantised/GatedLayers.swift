internal import CKernels

/// The two layers of a feed-forward block whose results gate each other, in packed weights of one shape.
public struct GatedLayers: Sendable {
    let gate, up: PackedMatrix

    /// Nil where the weights are not packed, or not alike.
    public init?(gate: DenseWeights, up: DenseWeights) {
        guard case .packed(let gate) = gate, case .packed(let up) = up, gate.layout == up.layout else { return nil }
        (self.gate, self.up) = (gate, up)
    }
}

extension CPUDevice {
    /// For fewer rows the layers one by one are as fast: what lies between them stays in the caches anyway.
    public static var gatedRowsLeast: Int { 32 }

    /// `silu(x · gateᵀ) * (x · upᵀ)` for `rows` quantised rows, quantised: to the bit what the layers, `siluMultiply` and
    /// `quantise` give, without a way through memory between them.
    ///
    /// - Parameters:
    ///   - x: The rows.
    ///   - result: Another room than `x`.
    public func gated(_ x: QuantisedRows, rows: Int, _ layers: GatedLayers, into result: QuantisedRows) {
        let layout = layers.gate.layout
        x.requireRoom(rows: rows, inputs: layout.inputs)
        result.requireRoom(rows: rows, inputs: layout.outputs)
        let work = GatedTasks(
            kernels: kernels, x: x.rows, count: rows, gate: layers.gate.view, up: layers.up.view, result: result.rows)
        run(tasks: QuantisedRows.groups(layout.outputs), products: 2 * rows * layout.inputs * layout.outputs, work)
        withExtendedLifetime((layers, x, result)) {}
    }
}

/// A group of results each.
private struct GatedTasks: PoolWork {
    let kernels: Kernels
    let x: clq_quantised_rows
    let count: Int
    let gate, up: PackedMatrix.View
    let result: clq_quantised_rows

    func perform(_ task: Int) {
        let layout = gate.layout
        let first = task * CLQ_GROUP
        let start = first / CLQ_TILE * layout.tileBytes
        let table = kernels.quantised.pointee
        let kernel = layout.bits == .eight ? table.gated_8 : table.gated_4
        let outputs = min(CLQ_GROUP, layout.outputs - first)
        kernel(
            x, count, count, gate.bytes + start, up.bytes + start, layout.groups, outputs,
            clq_rows_from(result, task * count), count)
    }
}
