/// Reads little-endian numbers and byte runs from front to back; running off the end is the file's fault, not a trap.
struct ByteCursor {
    private let bytes: UnsafeRawBufferPointer
    private(set) var position: Int
    private let end: Int
    private let file: String

    /// Reads `range` of `bytes`, cut to what there is.
    init(_ bytes: UnsafeRawBufferPointer, in range: Range<Int>, file: String) {
        self.bytes = bytes
        self.file = file
        let range = range.clamped(to: 0..<bytes.count)
        position = range.lowerBound
        end = range.upperBound
    }

    var left: Int { end - position }
    var fileName: String { file }

    mutating func skip(_ count: Int) throws(CheckpointError) {
        guard 0 <= count, count <= left else {
            throw CheckpointError(
                .truncated, file: file, "ends at byte \(end), \(count) bytes were to follow \(position)")
        }
        position += count
    }

    mutating func number<Value: FixedWidthInteger>(_: Value.Type) throws(CheckpointError) -> Value {
        let start = position
        try skip(MemoryLayout<Value>.size)
        return Value(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: Value.self))
    }

    /// The next two bytes, as a number.
    mutating func short() throws(CheckpointError) -> Int { Int(try number(UInt16.self)) }
    /// The next four bytes, as a number.
    mutating func long() throws(CheckpointError) -> Int { Int(try number(UInt32.self)) }

    /// The next eight bytes, as a number that is a place in a file.
    mutating func offset() throws(CheckpointError) -> Int {
        let value = try number(UInt64.self)
        guard let offset = Int(exactly: value) else {
            throw CheckpointError(.outOfRange, file: file, "has the offset \(value) at byte \(position - 8)")
        }
        return offset
    }

    mutating func text(_ count: Int) throws(CheckpointError) -> String {
        let start = position
        try skip(count)
        guard let text = String(validating: bytes[start..<position], as: UTF8.self) else {
            throw CheckpointError(.malformed, file: file, "has a name that is not UTF-8 at byte \(start)")
        }
        return text
    }

    /// What stands before the next line feed, which is stepped over.
    mutating func line(bytesMax: Int) throws(CheckpointError) -> String {
        let rest = bytes[position..<min(end, position + bytesMax)]
        guard let feed = rest.firstIndex(of: 0x0A) else {
            throw CheckpointError(.malformed, file: file, "has no end of a name after byte \(position)")
        }
        let text = try text(feed - position)
        try skip(1)
        return text
    }
}
