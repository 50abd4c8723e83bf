/// Writes zip files, sound or not, for tests.
struct ZipBytes {
    struct Entry {
        var name: String
        var data: [UInt8]
        var method: UInt16 = 0
        var flags: UInt16 = 0
        /// What the directory claims; the truth by default.
        var size: UInt32?
        var header: UInt32?
        /// The name in the entry's own header.
        var ownName: String?
    }

    var entries: [Entry]
    /// What the end claims; the truth by default.
    var count: UInt16?
    var directoryStart: UInt32?
    var directorySize: UInt32?
    var isWide = false

    func bytes() -> [UInt8] {
        var file: [UInt8] = []
        var directory: [UInt8] = []
        for entry in entries {
            let name = Array(entry.name.utf8)
            let ownName = Array((entry.ownName ?? entry.name).utf8)
            let size = UInt32(entry.data.count)
            let header = UInt32(file.count)
            let common =
                littleEndian(UInt16(20)) + littleEndian(entry.flags) + littleEndian(entry.method)
                + littleEndian(UInt32(0)) + littleEndian(UInt32(0))
            file += littleEndian(UInt32(0x0403_4B50)) + common + littleEndian(size) + littleEndian(size)
            file += littleEndian(UInt16(ownName.count)) + littleEndian(UInt16(0)) + ownName + entry.data
            let claimed = entry.size ?? size
            directory += littleEndian(UInt32(0x0201_4B50)) + littleEndian(UInt16(20)) + common
            directory += littleEndian(claimed) + littleEndian(claimed) + littleEndian(UInt16(name.count))
            directory += [UInt8](repeating: 0, count: 12) + littleEndian(entry.header ?? header) + name
        }
        let start = directoryStart ?? UInt32(file.count)
        let size = directorySize ?? UInt32(directory.count)
        let count = count ?? UInt16(entries.count)
        file += directory
        if isWide { file += wideEnd(start: start, size: size, count: count, at: file.count) }
        let narrow = isWide ? UInt32.max : nil
        file += littleEndian(UInt32(0x0605_4B50)) + littleEndian(UInt32(0))
        file += littleEndian(isWide ? UInt16.max : count) + littleEndian(isWide ? UInt16.max : count)
        file += littleEndian(narrow ?? size) + littleEndian(narrow ?? start) + littleEndian(UInt16(0))
        return file
    }

    private func wideEnd(start: UInt32, size: UInt32, count: UInt16, at place: Int) -> [UInt8] {
        var end = littleEndian(UInt32(0x0606_4B50)) + littleEndian(UInt64(44)) + littleEndian(UInt32(0x002D_002D))
        end += littleEndian(UInt64(0)) + littleEndian(UInt64(count)) + littleEndian(UInt64(count))
        end += littleEndian(UInt64(size)) + littleEndian(UInt64(start))
        end += littleEndian(UInt32(0x0706_4B50)) + littleEndian(UInt32(0)) + littleEndian(UInt64(place))
        return end + littleEndian(UInt32(1))
    }
}
