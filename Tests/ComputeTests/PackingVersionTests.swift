import Compute
import Testing

/// Packed weights are kept in files: whoever changes what packing writes must raise `CLQ_PACKING_VERSION`, or old files
/// would be taken for new ones.
@Suite struct PackingVersionTests {
    @Test func theBytesOfThisVersionAreThese() {
        #expect(PackedLayout.version == 1)
        #expect(Self.fingerprint(.eight) == 6_652_704_664_752_070_139)
        #expect(Self.fingerprint(.four) == 12_134_457_625_903_326_059)
    }

    /// FNV-1a of a packed matrix whose numbers follow from their place alone: no power of two, sizes beside those of tiles
    /// and groups.
    private static func fingerprint(_ bits: PackedLayout.Bits) -> UInt64 {
        let layout = PackedLayout(bits: bits, outputs: 37, inputs: 300)
        let bytes = UnsafeMutableRawBufferPointer.allocate(
            byteCount: layout.byteCount, alignment: PackedLayout.alignment)
        defer { bytes.deallocate() }
        guard let start = bytes.baseAddress else { return 0 }
        layout.pack(into: start, pool: WorkerPool(threads: 1)) { output, floats in
            for input in 0..<layout.inputs {
                let place = UInt32(output * layout.inputs + input) &* 2_654_435_761
                floats[input] = Float(Int32(bitPattern: place) >> 8) / 3e6
            }
        }
        return bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
