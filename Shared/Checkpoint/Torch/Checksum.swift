/// The checksum of zip entries: CRC-32 of IEEE 802.3, eight bytes a step.
enum Checksum {
    static func crc32(_ bytes: Slice<UnsafeRawBufferPointer>) -> UInt32 {
        let bytes = UnsafeRawBufferPointer(rebasing: bytes)
        return tables.withUnsafeBufferPointer { table in
            var remainder = ~UInt32(0)
            var position = 0
            while position + 8 <= bytes.count {
                let low = bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self).littleEndian ^ remainder
                let high = bytes.loadUnaligned(fromByteOffset: position + 4, as: UInt32.self).littleEndian
                remainder =
                    table[7 << 8 | Int(low & 0xFF)] ^ table[6 << 8 | Int(low >> 8 & 0xFF)]
                remainder ^= table[5 << 8 | Int(low >> 16 & 0xFF)] ^ table[4 << 8 | Int(low >> 24)]
                remainder ^= table[3 << 8 | Int(high & 0xFF)] ^ table[2 << 8 | Int(high >> 8 & 0xFF)]
                remainder ^= table[1 << 8 | Int(high >> 16 & 0xFF)] ^ table[Int(high >> 24)]
                position += 8
            }
            while position < bytes.count {
                remainder = remainder >> 8 ^ table[Int((remainder ^ UInt32(bytes[position])) & 0xFF)]
                position += 1
            }
            return ~remainder
        }
    }

    /// Row k: the remainder of a byte that k more bytes follow.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var remainder = UInt32(byte)
            for _ in 0..<8 { remainder = remainder & 1 == 1 ? 0xEDB8_8320 ^ remainder >> 1 : remainder >> 1 }
            tables[byte] = remainder
        }
        for row in 1..<8 {
            for byte in 0..<256 {
                let before = tables[(row - 1) << 8 | byte]
                tables[row << 8 | byte] = before >> 8 ^ tables[Int(before & 0xFF)]
            }
        }
        return tables
    }()
}
