internal import Checkpoint
internal import Compute
internal import Synchronization

/// Packs a tensor or a part of it, all at once or some tiles at a time.
struct MatrixPacker {
    private let tensor: StoredTensor
    private let weights: WeightMatrix
    private let part: PackedPart
    private let pool: WorkerPool

    /// - Throws: `CheckpointError` when the tensor is missing or has another shape.
    init(_ source: any TensorSource, _ part: PackedPart, pool: WorkerPool) throws(CheckpointError) {
        tensor = try source.requireTensor(part.tensor, shape: part.shape)
        weights = try WeightMatrix(tensor)
        self.part = part
        self.pool = pool
    }

    private var layout: PackedLayout { part.layout }

    /// - Parameters:
    ///   - tiles: Nil for all of them.
    ///   - bytes: Of these tiles, 64-byte aligned.
    /// - Throws: `CheckpointError` for numbers that are not finite.
    func pack(tiles: Range<Int>? = nil, into bytes: UnsafeMutableRawPointer) throws(CheckpointError) {
        let broken = Atomic(false)
        layout.pack(tiles: tiles, into: bytes, pool: pool) { output, floats in
            weights.copyRow(part.outputs.lowerBound + output, to: floats)
            let row = UnsafeBufferPointer(start: floats, count: layout.inputs)
            if !row.allSatisfy(\.isFinite) { broken.store(true, ordering: .relaxed) }
        }
        guard !broken.load(ordering: .relaxed) else {
            throw CheckpointError(
                .badValue, file: tensor.file, subject: tensor.name, "holds numbers that are not finite",
                remedy: "fetch the weights again")
        }
    }

    /// Packs all tiles, some megabytes at a time, and keeps neither what is packed nor what was read in memory.
    ///
    /// - Parameter append: Takes the bytes in order.
    func stream(to append: (UnsafeRawBufferPointer) throws -> Void) throws {
        let tilesAtOnce = max(1, Self.streamBytes / layout.tileBytes)
        let memory = PackedMemory(count: min(tilesAtOnce, layout.tiles) * layout.tileBytes)
        let rowBytes = tensor.byteCount / part.shape[0]
        let start = part.outputs.lowerBound
        for first in stride(from: 0, to: layout.tiles, by: tilesAtOnce) {
            let tiles = first..<min(first + tilesAtOnce, layout.tiles)
            try pack(tiles: tiles, into: memory.bytes)
            try append(UnsafeRawBufferPointer(start: memory.bytes, count: tiles.count * layout.tileBytes))
            let read = min(tiles.upperBound * PackedLayout.tileOutputs, layout.outputs)
            tensor.release((start + tiles.lowerBound * PackedLayout.tileOutputs) * rowBytes..<(start + read) * rowBytes)
        }
    }

    private static let streamBytes = 16 << 20
}
