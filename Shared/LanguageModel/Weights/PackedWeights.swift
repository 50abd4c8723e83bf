public import Checkpoint
public import Compute
internal import Synchronization

/// Where a model's packed weights come from: a file that keeps them, or its tensors, packed when asked for.
public protocol PackedWeights: Sendable {
    /// The packed matrix of a tensor, in this layout.
    ///
    /// - Throws: `CheckpointError` when the tensor is missing, has another shape or numbers that are not finite.
    func matrix(_ name: String, _ layout: PackedLayout) throws(CheckpointError) -> PackedMatrix
}

/// Packs a checkpoint's tensors into memory.
public struct PackingInMemory: PackedWeights {
    private let source: any TensorSource
    private let pool: WorkerPool

    public init(_ source: any TensorSource, pool: WorkerPool) {
        self.source = source
        self.pool = pool
    }

    public func matrix(_ name: String, _ layout: PackedLayout) throws(CheckpointError) -> PackedMatrix {
        let memory = PackedMemory(count: layout.byteCount)
        try source.pack(name, layout, into: memory.bytes, pool: pool)
        return PackedMatrix(layout, bytes: UnsafeRawPointer(memory.bytes), owner: memory)
    }
}

/// - Invariant: `bytes` are owned by this object, live as long as it and never move. They are written before any other
///   thread sees the object, and only read afterwards. That is why `@unchecked Sendable` is true.
private final class PackedMemory: @unchecked Sendable {
    let bytes: UnsafeMutableRawPointer

    init(count: Int) {
        bytes = .allocate(byteCount: count, alignment: PackedLayout.alignment)
    }

    deinit { bytes.deallocate() }
}

extension TensorSource {
    /// Packs a tensor.
    ///
    /// - Parameter bytes: `layout.byteCount` of them, 64-byte aligned.
    /// - Throws: `CheckpointError` when the tensor is missing, has another shape or numbers that are not finite.
    public func pack(
        _ name: String, _ layout: PackedLayout, into bytes: UnsafeMutableRawPointer, pool: WorkerPool
    ) throws(CheckpointError) {
        let tensor = try requireTensor(name, shape: [layout.outputs, layout.inputs])
        let weights = try WeightMatrix(tensor)
        let broken = Atomic(false)
        layout.pack(into: bytes, pool: pool) { output, floats in
            weights.copyRow(output, to: floats)
            let row = UnsafeBufferPointer(start: floats, count: layout.inputs)
            if !row.allSatisfy(\.isFinite) { broken.store(true, ordering: .relaxed) }
        }
        guard !broken.load(ordering: .relaxed) else {
            throw CheckpointError(
                .badValue, file: tensor.file, subject: name, "holds numbers that are not finite",
                remedy: "fetch the weights again")
        }
    }
}
