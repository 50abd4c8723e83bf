/// The alphabet in which byte-level vocabularies spell bytes: one printable scalar a byte (GPT-2).
///
/// Bytes that print in Latin-1 stand for themselves; the other 68, in order, are the scalars from U+0100 on.
enum ByteAlphabet {
    /// The scalar of each byte.
    static let scalars: [Unicode.Scalar] = {
        var next: UInt32 = 0x100
        return (UInt8.min...UInt8.max).map { byte in
            switch byte {
            case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: return Unicode.Scalar(byte)
            default:
                defer { next += 1 }
                return Unicode.Scalar(next) ?? Unicode.Scalar(byte)
            }
        }
    }()

    /// The byte of each scalar value below U+0180.
    private static let bytes: [UInt8?] = {
        var bytes: [UInt8?] = Array(repeating: nil, count: 0x180)
        for (byte, scalar) in scalars.enumerated() { bytes[Int(scalar.value)] = UInt8(byte) }
        return bytes
    }()

    /// How a vocabulary spells one byte, in UTF-8.
    static func spelling(of byte: UInt8) -> [UInt8] { Array(String(scalars[Int(byte)]).utf8) }

    /// The bytes that a token of a vocabulary stands for, appended to `bytes`. A token with a scalar outside the alphabet
    /// stands for its own UTF-8.
    static func decode(_ spelling: some Collection<UInt8>, into decoded: inout [UInt8]) {
        let start = decoded.count
        var lead: UInt8?
        for unit in spelling {
            let value: Int
            if let high = lead {
                value = Int(high & 0x1F) << 6 | Int(unit & 0x3F)
                lead = nil
            } else if unit & 0xE0 == 0xC0 {
                lead = unit
                continue
            } else {
                value = unit < 0x80 ? Int(unit) : bytes.count
            }
            guard value < bytes.count, let byte = bytes[value] else {
                decoded.replaceSubrange(start..., with: spelling)
                return
            }
            decoded.append(byte)
        }
    }
}
