public import Foundation
import Glibc

/// Makes a file of packed weights. It appears under its name when it is whole and on the disk.
public struct PackedFileWriter {
    /// Why a file cannot be made where it is wanted; elsewhere it may be.
    public struct CannotWrite: Error, CustomStringConvertible {
        public let path: String
        public let reason: String
        public var description: String { "\(path) cannot be written: \(reason)" }

        public init(_ path: String, code: Int32 = errno) {
            self.path = path
            reason = String(cString: strerror(code))
        }
    }

    private let path: String
    private let descriptor: Int32
    private var place: Int

    /// - Parameters:
    ///   - url: What is there is replaced; whoever has that open keeps it.
    ///   - fill: Is called for every matrix in order, and hands its bytes to `append`, in order, in pieces of any size.
    /// - Throws: `CannotWrite`, with nothing left behind, or what `fill` throws.
    public static func write(
        _ title: PackedFile.Title, _ matrices: [PackedFile.Matrix], to url: URL,
        fill: (PackedFile.Matrix, _ append: (UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) throws {
        let draft = url.path + ".\(getpid())-\(UInt32.random(in: .min ... .max))" + draftEnding
        let descriptor = open(draft, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else { throw CannotWrite(draft) }
        defer { close(descriptor) }
        do {
            try write(PackedFileHeader(title, matrices), draft, descriptor, fill)
            guard rename(draft, url.path) == 0 else { throw CannotWrite(url.path) }
        } catch {
            unlink(draft)
            throw error
        }
        synchronize(folderOf: url)
    }

    /// Of files that are not whole yet, behind the name that they will have.
    public static let draftEnding = ".part"

    private static func write(
        _ empty: PackedFileHeader, _ draft: String, _ descriptor: Int32,
        _ fill: (PackedFile.Matrix, _ append: (UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) throws {
        var header = empty
        // A disk that is too full says so now, not after a minute of work.
        let code = posix_fallocate(descriptor, 0, header.fileByteCount)
        guard code == 0 else { throw CannotWrite(draft, code: code) }
        var writer = PackedFileWriter(path: draft, descriptor: descriptor, place: 0)
        for entry in header.entries {
            writer.place = entry.range.lowerBound
            try fill(entry.matrix) { bytes in try writer.append(bytes) }
            precondition(writer.place == entry.range.upperBound, "\(entry.matrix.name) was filled to \(writer.place)")
        }
        let digests = try digests(of: header, draft)
        for index in header.entries.indices { header.entries[index].digest = digests[index] }
        writer.place = 0
        try header.bytes.withUnsafeBytes { try writer.append($0) }
        guard fsync(descriptor) == 0 else { throw CannotWrite(draft) }
        // What was written lies in memory in small pages. Whoever maps the file is to get it from the disk in large ones.
        posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
    }

    /// What was written is still in memory: reading it again costs little, and the digests say what is in the file.
    private static func digests(of header: PackedFileHeader, _ draft: String) throws -> [[UInt8]] {
        let written = try MappedFile(path: draft)
        return withExtendedLifetime(written) { PackedFile.digests(of: header.entries.map(\.range), in: written.bytes) }
    }

    private mutating func append(_ bytes: UnsafeRawBufferPointer) throws(CannotWrite) {
        var left = bytes
        while let start = left.baseAddress, !left.isEmpty {
            let written = pwrite(descriptor, start, left.count, place)
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { throw CannotWrite(path) }
            place += written
            left = UnsafeRawBufferPointer(rebasing: left[written...])
        }
    }

    /// So that the name outlives a loss of power; without it the file is only made again.
    private static func synchronize(folderOf url: URL) {
        let folder = open(url.deletingLastPathComponent().path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return }
        fsync(folder)
        close(folder)
    }
}
