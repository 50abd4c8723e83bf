public import Foundation
import Glibc

/// Remembers the content hashes of files, so that gigabytes are not read at every start: a small file for each model, which
/// counts as long as the model's files have the same places, inodes, sizes and times (of content and of status, to the
/// nanosecond). Whatever is wrong with such a file, or hinders writing it, only costs the hashing.
public struct HashStamps: Sendable {
    private let folder: URL
    /// A file that changed so little before it was looked at might change again and keep its time.
    private let settling: Duration

    /// - Parameter folder: Where the stamps lie; made if need be.
    public init(folder: URL) { self.init(folder: folder, settling: .seconds(2)) }

    package init(folder: URL, settling: Duration) {
        self.folder = folder
        self.settling = settling
    }

    static let fileEnding = ".hash"
    private static let firstLine = "colloquy content hash 1"
    private static let byteCountMax = 1 << 20

    /// The hash of `files`, remembered or made.
    ///
    /// - Parameter kind: Tells hashes of the same files apart.
    package func hash(
        _ kind: String, of files: [URL], make: () throws(CheckpointError) -> String
    ) throws(CheckpointError) -> String {
        guard let facts = Self.facts(kind, files) else { return try make() }
        let stamp = folder.appending(path: Digest(of: Array(facts.name.utf8)).hexadecimal.prefix(32) + Self.fileEnding)
        if let hash = Self.read(stamp, facts.text) { return hash }
        let hash = try make()
        // Only what stood still while it was read has this hash.
        if Self.facts(kind, files)?.text == facts.text, Self.age(facts.newest) >= settling {
            write(hash, facts.text, to: stamp)
        }
        return hash
    }

    private struct Facts {
        let name: String
        let text: String
        let newest: timespec
    }

    /// Nil where a file is missing, which then whoever reads it tells better.
    private static func facts(_ kind: String, _ files: [URL]) -> Facts? {
        var name = kind
        var text = firstLine + "\n" + kind + "\n"
        var newest = timespec()
        for file in files {
            let path = file.standardizedFileURL.path
            var facts = stat()
            guard stat(path, &facts) == 0 else { return nil }
            name += "\n" + path
            text += "\(facts.st_dev) \(facts.st_ino) \(facts.st_size)"
            for time in [facts.st_mtim, facts.st_ctim] {
                text += " \(time.tv_sec).\(time.tv_nsec)"
                if (time.tv_sec, time.tv_nsec) > (newest.tv_sec, newest.tv_nsec) { newest = time }
            }
            text += " \(path)\n"
        }
        return Facts(name: name, text: text, newest: newest)
    }

    private static func age(_ time: timespec) -> Duration {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return .seconds(now.tv_sec - time.tv_sec) + .nanoseconds(now.tv_nsec - time.tv_nsec)
    }

    /// A stamp: the facts, the hash, and a digest of both.
    private static func stampText(_ facts: String, _ hash: String) -> String {
        let told = facts + hash + "\n"
        return told + Digest(of: Array(told.utf8)).hexadecimal + "\n"
    }

    private static func read(_ stamp: URL, _ facts: String) -> String? {
        guard let file = try? MappedFile(path: stamp.path), file.bytes.count <= byteCountMax,
            let text = String(validating: file.bytes, as: UTF8.self), text.hasPrefix(facts)
        else { return nil }
        let hash = String(text.dropFirst(facts.count).prefix { $0 != "\n" })
        return text == stampText(facts, hash) ? hash : nil
    }

    private func write(_ hash: String, _ facts: String, to stamp: URL) {
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try? Data(Self.stampText(facts, hash).utf8).write(to: stamp, options: .atomic)
    }
}
