/// Gives an Ogg stream a fixed serial number.
///
/// libsndfile draws a random one for each file, so that the same samples gave other bytes each time. A serial number only
/// tells streams apart that share one file, and ours has one stream.
enum OggPages {
    static let serialNumber: UInt32 = 1

    /// Page layout (RFC 3533): "OggS", version, flags, granule position [8], serial number [4], page number [4],
    /// checksum [4], segment count [1], segment lengths.
    private enum Offset {
        static let serialNumber = 14
        static let checksum = 22
        static let segmentCount = 26
        static let segmentLengths = 27
    }

    /// Rewrites serial number and checksum of every page in the store.
    ///
    /// - Returns: False when the store holds anything but whole pages, or could not be written.
    static func renumber(_ store: any ByteStore) -> Bool {
        var position = 0
        while position < store.byteCount {
            guard var page = readPage(of: store, at: position) else { return false }
            put(serialNumber, into: &page, at: Offset.serialNumber)
            put(0, into: &page, at: Offset.checksum)
            put(checksum(of: page), into: &page, at: Offset.checksum)
            guard page.withUnsafeBytes({ store.write($0, at: position) }) == page.count else { return false }
            position += page.count
        }
        return true
    }

    private static func readPage(of store: any ByteStore, at position: Int) -> [UInt8]? {
        guard let header = read(Offset.segmentLengths, of: store, at: position),
            header.starts(with: Array("OggS".utf8)),
            let lengths = read(Int(header[Offset.segmentCount]), of: store, at: position + header.count)
        else { return nil }
        return read(header.count + lengths.count + lengths.reduce(0) { $0 + Int($1) }, of: store, at: position)
    }

    private static func read(_ count: Int, of store: any ByteStore, at position: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        return bytes.withUnsafeMutableBytes { store.read(into: $0, at: position) } == count ? bytes : nil
    }

    /// Little-endian.
    private static func put(_ value: UInt32, into page: inout [UInt8], at offset: Int) {
        for index in 0..<4 { page[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
    }

    /// CRC-32 with polynomial 0x04C11DB7, most significant bit first, from 0, not inverted.
    private static func checksum(of bytes: [UInt8]) -> UInt32 {
        bytes.reduce(0) { sum, byte in (sum << 8) ^ checksumTable[Int((sum >> 24) ^ UInt32(byte))] }
    }

    private static let checksumTable: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index) << 24) { sum, _ in sum & 1 << 31 != 0 ? sum << 1 ^ 0x04C1_1DB7 : sum << 1 }
    }
}
