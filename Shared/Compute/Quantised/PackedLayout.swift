internal import CKernels

/// How weights of 8 or 4 bits lie in memory; `quantised.h` has the bytes.
///
/// An element takes 8.25 or 4.25 bits, scales included.
public struct PackedLayout: Hashable, Sendable {
    public enum Bits: Int, Sendable, CaseIterable {
        case four = 4
        case eight = 8
    }

    public let bits: Bits
    public let outputs: Int
    public let inputs: Int

    /// Of the bytes that `pack` writes for given numbers; who keeps packed bytes keeps it with them.
    public static var version: Int { Int(CLQ_PACKING_VERSION) }
    /// Where packed bytes must begin.
    public static var alignment: Int { 64 }
    /// Outputs that lie side by side.
    public static var tileOutputs: Int { CLQ_TILE }

    /// - Precondition: both counts are positive.
    public init(bits: Bits, outputs: Int, inputs: Int) {
        precondition(outputs > 0 && inputs > 0, "packed weights of [\(outputs), \(inputs)]")
        self.bits = bits
        self.outputs = outputs
        self.inputs = inputs
    }

    var groups: Int { (inputs + CLQ_GROUP - 1) / CLQ_GROUP }
    public var tiles: Int { (outputs + CLQ_TILE - 1) / CLQ_TILE }
    public var tileBytes: Int { groups * (bits == .eight ? CLQ_BLOCK_BYTES_8 : CLQ_BLOCK_BYTES_4) }
    public var byteCount: Int { tiles * tileBytes }

    /// Packs a matrix, or some of its tiles.
    ///
    /// The bytes depend on the numbers alone, not on the threads or the CPU.
    ///
    /// - Parameters:
    ///   - tiles: Nil for all of them.
    ///   - bytes: Of these tiles, 64-byte aligned.
    ///   - row: Writes the `inputs` numbers of an output, all finite; called from several threads at once.
    public func pack(
        tiles wanted: Range<Int>? = nil, into bytes: UnsafeMutableRawPointer, pool: WorkerPool,
        row: @Sendable (_ output: Int, UnsafeMutablePointer<Float>) -> Void
    ) {
        precondition(Int(bitPattern: bytes) % Self.alignment == 0, "packed weights at an odd address")
        let start = bytes.assumingMemoryBound(to: UInt8.self)
        let range = wanted ?? 0..<tiles
        precondition(range.lowerBound >= 0 && range.upperBound <= tiles, "tiles \(range) of \(tiles)")
        pool.run(tasks: range.count) { task in
            let first = (range.lowerBound + task) * CLQ_TILE
            let count = min(CLQ_TILE, outputs - first)
            withUnsafeTemporaryAllocation(of: Float.self, capacity: count * inputs) { floats in
                guard let base = floats.baseAddress else { return }
                for output in 0..<count { row(first + output, base + output * inputs) }
                let packed = start + task * tileBytes
                switch bits {
                case .eight: clq_pack_8(base, inputs, count, packed)
                case .four: clq_pack_4(base, inputs, count, packed)
                }
            }
        }
    }
}
