/// The entries of a zip file that `torch.save` wrote: stored as they are, never compressed.
///
/// Everything is read from the central directory, held against the local headers, and must lie in the file without overlap;
/// nothing is unpacked, so an archive costs no more memory than its own directory.
struct ZipDirectory {
    struct Entry {
        /// The entry's bytes, from the start of the file.
        let range: Range<Int>
        let checksum: UInt32
    }

    let entries: [String: Entry]

    /// A model has as many entries as tensors and a few more.
    static let entriesMax = 200_000

    init(_ bytes: UnsafeRawBufferPointer, file: String) throws(CheckpointError) {
        let directory = try ZipEnd.find(bytes, file: file)
        guard directory.entries <= Self.entriesMax else {
            throw CheckpointError(
                .tooLarge, file: file, "claims \(directory.entries) entries; allowed is \(Self.entriesMax)")
        }
        var cursor = ByteCursor(bytes, in: directory.range, file: file)
        var found: [(name: String, header: Int, entry: Entry)] = []
        for _ in 0..<directory.entries {
            found.append(try Self.entry(&cursor, bytes, directoryStart: directory.range.lowerBound, file: file))
        }
        guard cursor.left == 0 else {
            throw CheckpointError(.malformed, file: file, "its directory goes on after the last entry")
        }

        found.sort { ($0.header, $0.name) < ($1.header, $1.name) }
        var end = 0
        var entries: [String: Entry] = [:]
        for (name, header, entry) in found {
            guard header >= end else {
                throw CheckpointError(
                    .outOfRange, file: file, subject: name, "claims bytes that another entry claims too")
            }
            end = entry.range.upperBound
            guard entries.updateValue(entry, forKey: name) == nil else {
                throw CheckpointError(.duplicate, file: file, subject: name, "this entry stands twice")
            }
        }
        self.entries = entries
    }

    /// One entry of the central directory, with the local header that it points to.
    private static func entry(
        _ cursor: inout ByteCursor, _ bytes: UnsafeRawBufferPointer, directoryStart: Int, file: String
    ) throws(CheckpointError) -> (String, Int, Entry) {
        guard try cursor.number(UInt32.self) == 0x0201_4B50 else {
            throw CheckpointError(.malformed, file: file, "its directory has no entry at byte \(cursor.position - 4)")
        }
        try cursor.skip(4)
        let flags = try cursor.short()
        let method = try cursor.short()
        try cursor.skip(4)
        let checksum = try cursor.number(UInt32.self)
        var packed = try cursor.long()
        var size = try cursor.long()
        let nameLength = try cursor.short()
        let extraLength = try cursor.short()
        let commentLength = try cursor.short()
        let disk = try cursor.short()
        try cursor.skip(6)
        var header = try cursor.long()
        let name = try cursor.text(nameLength)

        var extra = ByteCursor(bytes, in: cursor.position..<cursor.position + extraLength, file: file)
        try cursor.skip(extraLength + commentLength)
        while extra.left >= 4 {
            let kind = try extra.short()
            let length = try extra.short()
            let next = extra.position
            if kind == 1 {
                // Of the wide values only those are there whose narrow field is all ones, in this order.
                if size == 0xFFFF_FFFF { size = try extra.offset() }
                if packed == 0xFFFF_FFFF { packed = try extra.offset() }
                if header == 0xFFFF_FFFF { header = try extra.offset() }
            }
            try extra.skip(max(0, next + length - extra.position))
        }

        guard flags & 1 == 0, disk == 0 || disk == 0xFFFF else {
            throw CheckpointError(.unsupported, file: file, subject: name, "is encrypted or stands in another volume")
        }
        guard method == 0 else {
            throw CheckpointError(
                .unsupported, file: file, subject: name,
                "is compressed (method \(method)); torch.save never compresses",
                remedy: "load it with PyTorch and save it again with torch.save")
        }
        guard packed == size else {
            throw CheckpointError(.malformed, file: file, subject: name, "has two sizes: \(packed) and \(size)")
        }
        let range = try dataRange(
            name, header: header, size: size, ByteCursor(bytes, in: header..<max(header, directoryStart), file: file))
        return (name, header, Entry(range: range, checksum: checksum))
    }

    /// Where the data behind the local header stands; the cursor reaches from the header to the directory.
    private static func dataRange(_ name: String, header: Int, size: Int, _ local: ByteCursor) throws(CheckpointError)
        -> Range<Int>
    {
        var local = local
        let file = local.fileName
        guard local.left >= 30, try local.number(UInt32.self) == 0x0403_4B50 else {
            throw CheckpointError(.outOfRange, file: file, subject: name, "has no header at byte \(header)")
        }
        try local.skip(4)
        let method = try local.short()
        try local.skip(16)
        let nameLength = try local.short()
        let extraLength = try local.short()
        guard method == 0, try local.text(nameLength) == name else {
            throw CheckpointError(
                .malformed, file: file, subject: name,
                "has another name or method in its own header than in the directory")
        }
        try local.skip(extraLength)
        guard size <= local.left else {
            throw CheckpointError(
                .outOfRange, file: file, subject: name, "claims \(size) bytes where the file has \(local.left)")
        }
        return local.position..<local.position + size
    }
}

/// The end of a zip file, which says where its directory stands.
struct ZipEnd {
    let range: Range<Int>
    let entries: Int

    static func find(_ bytes: UnsafeRawBufferPointer, file: String) throws(CheckpointError) -> ZipEnd {
        guard let end = position(bytes) else {
            throw CheckpointError(
                .truncated, file: file, "has no zip directory at its end", remedy: "it was cut short; fetch it again")
        }
        var cursor = ByteCursor(bytes, in: end..<bytes.count, file: file)
        try cursor.skip(4)
        guard try cursor.number(UInt32.self) == 0 else {
            throw CheckpointError(.unsupported, file: file, "is one volume of several")
        }
        let entriesHere = try cursor.short()
        var entries = try cursor.short()
        var size = try cursor.long()
        var start = try cursor.long()
        var limit = end
        if entries == 0xFFFF || size == 0xFFFF_FFFF || start == 0xFFFF_FFFF {
            (start, size, entries, limit) = try wide(bytes, before: end, file: file)
        } else if entriesHere != entries {
            throw CheckpointError(.unsupported, file: file, "is one volume of several")
        }
        guard start <= limit, size <= limit - start else {
            throw CheckpointError(.outOfRange, file: file, "its directory reaches behind its end")
        }
        return ZipEnd(range: start..<start + size, entries: entries)
    }

    /// The end record: the last one whose comment reaches exactly to the file's end.
    private static func position(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard bytes.count >= 22 else { return nil }
        for start in stride(from: bytes.count - 22, through: max(0, bytes.count - 22 - 0xFFFF), by: -1)
        where bytes.loadUnaligned(fromByteOffset: start, as: UInt32.self).littleEndian == 0x0605_4B50 {
            let comment = bytes.loadUnaligned(fromByteOffset: start + 20, as: UInt16.self).littleEndian
            if start + 22 + Int(comment) == bytes.count { return start }
        }
        return nil
    }

    /// The wide record of an archive over 4 GiB or 65 535 entries.
    private static func wide(_ bytes: UnsafeRawBufferPointer, before end: Int, file: String) throws(CheckpointError)
        -> (start: Int, size: Int, entries: Int, limit: Int)
    {
        let malformed = CheckpointError(.malformed, file: file, "has no wide zip directory where its end points")
        guard end >= 20 else { throw malformed }
        var locator = ByteCursor(bytes, in: end - 20..<end, file: file)
        guard try locator.number(UInt32.self) == 0x0706_4B50 else { throw malformed }
        try locator.skip(4)
        let record = try locator.offset()
        guard record <= end - 20 else { throw malformed }
        var cursor = ByteCursor(bytes, in: record..<end - 20, file: file)
        guard cursor.left >= 56, try cursor.number(UInt32.self) == 0x0606_4B50 else { throw malformed }
        try cursor.skip(28)
        let entries = try cursor.offset()
        let size = try cursor.offset()
        return (try cursor.offset(), size, entries, record)
    }
}
