import Dispatch
public import Foundation
import Synchronization

/// A file of packed weights that we made from a model, and can make again: mapped, so that all processes that use it share
/// one copy in memory.
public struct PackedFile: Sendable {
    /// Whose weights these are, and how they were packed. Another title is another file.
    public struct Title: Hashable, Sendable {
        /// `LanguageModelFiles.contentHash`.
        public let modelHash: String
        public let precision: String
        public let layoutVersion: Int

        public init(modelHash: String, precision: String, layoutVersion: Int) {
            self.modelHash = modelHash
            self.precision = precision
            self.layoutVersion = layoutVersion
        }
    }

    /// A packed matrix, by its tensor's name.
    public struct Matrix: Hashable, Sendable {
        public let name: String
        public let bits: Int
        public let outputs: Int
        public let inputs: Int
        /// A multiple of 16.
        public let byteCount: Int

        public init(name: String, bits: Int, outputs: Int, inputs: Int, byteCount: Int) {
            self.name = name
            self.bits = bits
            self.outputs = outputs
            self.inputs = inputs
            self.byteCount = byteCount
        }
    }

    private let header: PackedFileHeader
    private let file: MappedFile
    private let places: [String: Int]

    public var title: Title { header.title }
    public var matrices: [Matrix] { header.entries.map(\.matrix) }
    public var path: String { file.path }
    public var byteCount: Int { file.bytes.count }

    /// Opens a file and checks its header, which takes no time; `requireIntact` checks the rest.
    public init(_ url: URL) throws(CheckpointError) {
        let mapped = try MappedFile(path: url.path, inLargePages: true)
        header = try PackedFileHeader(mapped.bytes, file: mapped.path)
        file = mapped
        places = Dictionary(uniqueKeysWithValues: header.entries.enumerated().map { ($1.matrix.name, $0) })
    }

    /// A matrix's bytes; nil where there is no such matrix.
    public func bytes(of name: String) -> StoredTensor? {
        guard let place = places[name] else { return nil }
        let entry = header.entries[place]
        return StoredTensor(
            name: name, shape: [entry.range.count], scalarType: .uint8, file: path, owner: file, range: entry.range)
    }

    /// Reads every matrix, on all cores, and holds it against the header's digest.
    ///
    /// - Throws: `CheckpointError` with the first matrix that is damaged.
    public func requireIntact() throws(CheckpointError) {
        let digests = Self.digests(of: header.entries.map(\.range), in: file.bytes)
        for (entry, digest) in zip(header.entries, digests) where entry.digest != digest {
            throw CheckpointError(.malformed, file: path, subject: entry.matrix.name, "is damaged")
        }
    }

    /// Of each range: the digest of its pieces' sums.
    static func digests(of ranges: [Range<Int>], in bytes: UnsafeRawBufferPointer) -> [[UInt8]] {
        let pieces = ranges.map(PieceSums.pieces)
        let all = pieces.flatMap { $0 }
        let sums = Mutex([[UInt8]](repeating: [], count: all.count))
        // Some pieces at a time: one is too short to be handed out alone.
        let batch = 16
        let shared = SharedBytes(bytes: bytes)
        DispatchQueue.concurrentPerform(iterations: (all.count + batch - 1) / batch) { index in
            for piece in index * batch..<min((index + 1) * batch, all.count) {
                let found = PieceSums.of(UnsafeRawBufferPointer(rebasing: shared.bytes[all[piece]]))
                sums.withLock { $0[piece] = found }
            }
        }
        var left = sums.withLock { $0 }[...]
        return pieces.map { pieces in
            defer { left = left.dropFirst(pieces.count) }
            return Digest(of: left.prefix(pieces.count).flatMap { $0 }).bytes
        }
    }
}

/// Unchecked, because the threads that share the bytes only read them, while their owner waits.
private struct SharedBytes: @unchecked Sendable {
    let bytes: UnsafeRawBufferPointer
}
