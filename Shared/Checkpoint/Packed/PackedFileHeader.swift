/// What a file of packed weights says of itself. Little-endian:
///
///     8        "CLQPACK" and a line feed
///     u32      1, the version of this form
///     u32      bytes of the header, all of it
///     u64      bytes of the file
///     text     the model's content hash (a text: u16 its bytes, then they in UTF-8)
///     text     the precision: `int4`
///     u32      the version of the packed layout
///     u32      matrices, and for each of them:
///         text     its tensor's name
///         u32      bits of a weight
///         u64      outputs
///         u64      inputs
///         u64      where it begins, a multiple of 4096
///         u64      its bytes
///         32       BLAKE2b-256 over the sums of its pieces (`PieceSums`)
///     32       BLAKE2b-256 of the header up to here
///
/// Matrices stand in the order of the table, without overlap; what lies between them is zero.
struct PackedFileHeader: Equatable, Sendable {
    struct Entry: Equatable, Sendable {
        let matrix: PackedFile.Matrix
        /// Bytes of the file.
        let range: Range<Int>
        var digest: [UInt8]
    }

    static let magic = Array("CLQPACK\n".utf8)
    static let version = 1
    /// A page of memory, so that a mapped matrix has pages of its own.
    static let alignment = 4096
    /// A header of a model with some hundred layers takes less than a tenth.
    private static let byteCountMax = 4 << 20
    private static let sideMax = 1 << 32
    private static let bytesBeforeTexts = 24

    let title: PackedFile.Title
    var entries: [Entry]
    let byteCount: Int
    let fileByteCount: Int

    /// A new file's, digests still zero.
    init(_ title: PackedFile.Title, _ matrices: [PackedFile.Matrix]) {
        self.title = title
        let texts = [title.modelHash, title.precision] + matrices.map(\.name)
        byteCount =
            Self.bytesBeforeTexts + texts.reduce(0) { $0 + 2 + $1.utf8.count } + 8
            + matrices.count * (36 + Digest.byteCount) + Digest.byteCount
        var end = byteCount
        entries = matrices.map { matrix in
            let start = Self.aligned(end)
            end = start + matrix.byteCount
            return Entry(matrix: matrix, range: start..<end, digest: Array(repeating: 0, count: Digest.byteCount))
        }
        fileByteCount = end
    }

    private static func aligned(_ place: Int) -> Int { (place + alignment - 1) / alignment * alignment }

    /// As it stands in the file.
    var bytes: [UInt8] {
        var bytes = Self.magic
        func number(_ value: Int, _ count: Int) {
            for place in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * place))) }
        }
        func text(_ text: String) {
            number(text.utf8.count, 2)
            bytes += text.utf8
        }
        number(Self.version, 4)
        number(byteCount, 4)
        number(fileByteCount, 8)
        text(title.modelHash)
        text(title.precision)
        number(title.layoutVersion, 4)
        number(entries.count, 4)
        for entry in entries {
            text(entry.matrix.name)
            number(entry.matrix.bits, 4)
            for value in [
                entry.matrix.outputs, entry.matrix.inputs, entry.range.lowerBound, entry.range.count,
            ] { number(value, 8) }
            bytes += entry.digest
        }
        return bytes + Digest(of: bytes).bytes
    }

    /// Reads a file's header and holds each of its claims against the file.
    init(_ file: UnsafeRawBufferPointer, file path: String) throws(CheckpointError) {
        func require(
            _ holds: Bool, _ kind: CheckpointError.Kind, _ reason: @autoclosure () -> String
        ) throws(CheckpointError) {
            guard holds else { throw CheckpointError(kind, file: path, reason()) }
        }
        var cursor = ByteCursor(file, in: 0..<file.count, file: path)
        for byte in Self.magic {
            try require(try cursor.number(UInt8.self) == byte, .malformed, "is no file of packed weights")
        }
        let version = try cursor.long()
        try require(version == Self.version, .unsupported, "has version \(version); \(Self.version) is read")
        byteCount = try cursor.long()
        try require(
            byteCount >= Self.bytesBeforeTexts + Digest.byteCount && byteCount <= Self.byteCountMax, .tooLarge,
            "has a header of \(byteCount) bytes")
        fileByteCount = try cursor.offset()
        try require(
            fileByteCount == file.count && byteCount <= file.count, .truncated,
            "has \(file.count) bytes, \(fileByteCount) were written")
        let told = byteCount - Digest.byteCount
        try require(
            Digest(of: UnsafeRawBufferPointer(rebasing: file[..<told])).bytes == Array(file[told..<byteCount]),
            .malformed, "has a damaged header")

        cursor = ByteCursor(file, in: cursor.position..<told, file: path)
        func text() throws(CheckpointError) -> String { try cursor.text(try cursor.short()) }
        title = PackedFile.Title(
            modelHash: try text(), precision: try text(), layoutVersion: try cursor.long())
        let count = try cursor.long()
        var entries: [Entry] = []
        var names: Set<String> = []
        var end = byteCount
        for _ in 0..<count {
            let name = try text()
            try require(names.insert(name).inserted, .duplicate, "has \(name) twice")
            let bits = try cursor.long()
            let (outputs, inputs) = (try cursor.offset(), try cursor.offset())
            try require(
                (1...64).contains(bits) && (1...Self.sideMax).contains(outputs) && (1...Self.sideMax).contains(inputs),
                .badValue, "has \(name) in \(bits) bits of [\(outputs), \(inputs)]")
            let (start, bytes) = (try cursor.offset(), try cursor.offset())
            try require(
                start % Self.alignment == 0 && start >= end && start <= file.count && bytes <= file.count - start
                    && bytes % 16 == 0, .outOfRange, "has \(name) at byte \(start), \(bytes) long")
            end = start + bytes
            var digest: [UInt8] = []
            for _ in 0..<Digest.byteCount { digest.append(try cursor.number(UInt8.self)) }
            let matrix = PackedFile.Matrix(name: name, bits: bits, outputs: outputs, inputs: inputs, byteCount: bytes)
            entries.append(Entry(matrix: matrix, range: start..<end, digest: digest))
        }
        try require(cursor.left == 0 && end <= file.count, .malformed, "has more in its header than its table")
        self.entries = entries
    }

    /// For tests: a file whose header says what it says with a sound digest.
    static func digestPutRight(_ file: [UInt8]) -> [UInt8] {
        guard file.count >= bytesBeforeTexts else { return file }
        let byteCount = (0..<4).reduce(0) { $0 | Int(file[12 + $1]) << (8 * $1) }
        let told = byteCount - Digest.byteCount
        guard told >= bytesBeforeTexts, byteCount <= file.count else { return file }
        return file[..<told] + Digest(of: Array(file[..<told])).bytes + file[byteCount...]
    }
}
