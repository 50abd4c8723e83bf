public import Checkpoint
public import Compute

/// Where a model's packed weights come from: a file that keeps them, or its tensors, packed when asked for.
public protocol PackedWeights: Sendable {
    /// The packed matrix of a tensor or a part of it.
    ///
    /// - Throws: `CheckpointError` when the tensor is missing, has another shape or numbers that are not finite.
    func matrix(_ part: PackedPart) throws(CheckpointError) -> PackedMatrix
}

/// Packs a checkpoint's tensors into memory.
public struct PackingInMemory: PackedWeights {
    private let source: any TensorSource
    private let pool: WorkerPool

    public init(_ source: any TensorSource, pool: WorkerPool) {
        self.source = source
        self.pool = pool
    }

    public func matrix(_ part: PackedPart) throws(CheckpointError) -> PackedMatrix {
        let memory = PackedMemory(count: part.layout.byteCount)
        try MatrixPacker(source, part, pool: pool).pack(into: memory.bytes)
        return PackedMatrix(part.layout, bytes: UnsafeRawPointer(memory.bytes), owner: memory)
    }
}

/// - Invariant: `bytes` are owned by this object, live as long as it and never move. They are written before any other
///   thread sees the object, and only read afterwards. That is why `@unchecked Sendable` is true.
final class PackedMemory: @unchecked Sendable {
    let bytes: UnsafeMutableRawPointer

    init(count: Int) {
        bytes = .allocate(byteCount: count, alignment: PackedLayout.alignment)
    }

    deinit { bytes.deallocate() }
}
