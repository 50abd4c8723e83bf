internal import CKernels

/// Weights of 8 or 4 bits, `[outputs, inputs]`, in a mapped file or in memory.
///
/// - Invariant: `owner` keeps the memory in place and unchanged as long as this value lives; kernels only read it. That
///   is why `@unchecked Sendable` is true.
public struct PackedMatrix: @unchecked Sendable {
    public let layout: PackedLayout
    let bytes: UnsafePointer<UInt8>
    private let owner: any Sendable

    /// - Parameters:
    ///   - bytes: `layout.byteCount` of them, 64-byte aligned, as `PackedLayout.pack` wrote them.
    ///   - owner: Whatever must live for `bytes` to stay valid.
    public init(_ layout: PackedLayout, bytes: UnsafeRawPointer, owner: any Sendable) {
        precondition(Int(bitPattern: bytes) % PackedLayout.alignment == 0, "packed weights at an odd address")
        self.layout = layout
        self.bytes = bytes.assumingMemoryBound(to: UInt8.self)
        self.owner = owner
    }

    /// The same without what keeps it in memory: copying it counts no references. Not to be kept.
    struct View {
        let layout: PackedLayout
        let bytes: UnsafePointer<UInt8>
    }

    var view: View { View(layout: layout, bytes: bytes) }

    /// What the packed integers of an output stand for, `inputs` numbers.
    public func row(_ output: Int) -> [Float] {
        precondition(output >= 0 && output < layout.outputs, "output \(output) of \(layout.outputs)")
        let tile = bytes + output / CLQ_TILE * layout.tileBytes
        return [Float](unsafeUninitializedCapacity: layout.inputs) { floats, count in
            guard let base = floats.baseAddress else { return }
            switch layout.bits {
            case .eight: clq_unpack_8(tile, output % CLQ_TILE, layout.inputs, base)
            case .four: clq_unpack_4(tile, output % CLQ_TILE, layout.inputs, base)
            }
            count = layout.inputs
        }
    }
}
