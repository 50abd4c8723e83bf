import Foundation
import GRDB
import Glibc

/// The database file before SQLite may touch it: what is not ours is never opened, so never changed.
enum LibraryFile {
    /// SQLite's `application_id` of a voice library: "CLQV".
    static let applicationID: UInt32 = 0x434C_5156

    private static let magic = Array("SQLite format 3\0".utf8)
    /// The header of page 1 (sqlite.org/fileformat.html): 100 bytes, the application id big-endian at byte 68.
    private static let headerBytes = 100
    private static let applicationIDOffset = 68

    /// Makes the file and the folders above it where they are missing, and refuses a file that is no library.
    ///
    /// A new file gets its application id in a transaction of its own, through the rollback journal, so that it stands
    /// in the file itself from then on and not only in the write-ahead log.
    static func prepare(_ path: String) throws(VoiceLibraryError) {
        let header = try header(path)
        if header.isEmpty { return try stamp(path) }
        guard header.count == headerBytes, header.starts(with: magic) else {
            throw .notALibrary(path: path, reason: "it is no SQLite database")
        }
        let id = header[applicationIDOffset..<applicationIDOffset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        guard id == applicationID else {
            throw .notALibrary(path: path, reason: "it is a database of another program")
        }
    }

    /// The folder of the database. Voices are private, so what is made here is for the owner alone.
    static func makeFolder(of path: String) throws(VoiceLibraryError) {
        let folder = URL(filePath: path).deletingLastPathComponent()
        do {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw .inaccessible(path: folder.path, reason: error.localizedDescription)
        }
    }

    /// At most the first 100 bytes; makes an empty file where there is none.
    private static func header(_ path: String) throws(VoiceLibraryError) -> [UInt8] {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .inaccessible(path: path, reason: LibraryLock.reason(errno)) }
        // No connection of this process is open yet (the library's lock is ours), so closing drops no lock of SQLite's.
        defer { Glibc.close(descriptor) }
        var header = [UInt8](repeating: 0, count: headerBytes)
        let count = pread(descriptor, &header, headerBytes, 0)
        guard count >= 0 else { throw .inaccessible(path: path, reason: LibraryLock.reason(errno)) }
        return Array(header[..<count])
    }

    private static func stamp(_ path: String) throws(VoiceLibraryError) {
        do {
            let queue = try DatabaseQueue(path: path)
            try queue.write { try $0.execute(sql: "PRAGMA application_id = \(applicationID)") }
            try queue.close()
        } catch {
            throw VoiceLibraryError(error, path: path)
        }
    }
}
