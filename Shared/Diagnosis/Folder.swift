import Foundation
import Glibc
import Printing

/// A folder that the suite writes to, as it is.
public struct Folder: Equatable, Sendable {
    public enum Presence: Equatable, Sendable {
        /// It will be made; `parent` is the nearest folder above that is there.
        case absent(parent: String, isParentWritable: Bool)
        case notAFolder
        case present(owner: UInt32, mode: UInt32, isWritable: Bool)
    }

    public let path: String
    public let presence: Presence
    /// Bytes free on its file system; nil where the system does not tell.
    public let freeBytes: Int?

    public init(path: String, presence: Presence, freeBytes: Int?) {
        self.path = path
        self.presence = presence
        self.freeBytes = freeBytes
    }

    /// Looks at the folder; makes nothing. A link is followed only where `followsLinks`.
    public init(lookingAt path: String, followsLinks: Bool) {
        self.path = path
        var facts = stat()
        let answer = followsLinks ? stat(path, &facts) : lstat(path, &facts)
        var place = path
        if answer != 0 {
            while place.count > 1, access(place, F_OK) != 0 { place = (place as NSString).deletingLastPathComponent }
            presence = .absent(parent: place, isParentWritable: access(place, W_OK | X_OK) == 0)
        } else if facts.st_mode & S_IFMT != S_IFDIR {
            presence = .notAFolder
        } else {
            presence = .present(
                owner: facts.st_uid, mode: facts.st_mode & 0o777, isWritable: access(path, W_OK | X_OK) == 0)
        }
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: place)
        freeBytes = (attributes?[.systemFreeSize] as? NSNumber)?.intValue
    }

    /// Of the folder of local sockets, which nobody else may enter.
    public func asRuntimeFolder(user: UInt32) -> Finding {
        let subject = "runtime folder"
        switch presence {
        case .absent(_, true): return Finding(subject, .good, "\(path) will be made")
        case .absent(let parent, false):
            return Finding(
                subject, .fault, "\(path) is not there and \(parent) is closed to this user",
                remedy: "name another with --runtime-dir or COLLOQUY_RUNTIME_DIR")
        case .notAFolder: return Finding(subject, .fault, "\(path) is no folder", remedy: "rm '\(path)'")
        case .present(let owner, _, _) where owner != user:
            return Finding(
                subject, .fault, "\(path) belongs to user \(owner)",
                remedy: "name another with --runtime-dir or COLLOQUY_RUNTIME_DIR")
        case .present(_, let mode, let isWritable):
            let octal = String(mode, radix: 8)
            guard isWritable else {
                return Finding(subject, .fault, "\(path) cannot be written", remedy: "chmod 700 '\(path)'")
            }
            guard mode & 0o077 == 0 else {
                return Finding(
                    subject, .note, "\(path) is open to others (mode \(octal)); a start closes it",
                    remedy: "chmod 700 '\(path)'")
            }
            return Finding(subject, .good, "\(path), mode \(octal)")
        }
    }

    /// Below this, a voice library may stop in the middle of a write.
    static let freeBytesLeast = 200_000_000

    /// Of the folder of what must survive a restart.
    public func asDataFolder() -> Finding {
        let subject = "data folder"
        let free = freeBytes.map { ", \(Quantity.bytes($0)) free" } ?? ""
        switch presence {
        case .absent(let parent, false):
            return Finding(
                subject, .fault, "\(path) is not there and \(parent) is closed to this user",
                remedy: "name another with --data-dir or COLLOQUY_DATA_DIR")
        case .notAFolder: return Finding(subject, .fault, "\(path) is no folder", remedy: "mv '\(path)' '\(path).old'")
        case .present(_, _, false):
            return Finding(
                subject, .fault, "\(path) cannot be written by this user", remedy: "sudo chown \"$USER\" '\(path)'")
        case .absent, .present:
            if let freeBytes, freeBytes < Self.freeBytesLeast {
                return Finding(
                    subject, .fault, "\(path)\(free); voices need room", remedy: "free some of the disk of \(path)")
            }
            let fact = if case .absent = presence { "\(path) will be made\(free)" } else { "\(path)\(free)" }
            return Finding(subject, .good, fact)
        }
    }
}
