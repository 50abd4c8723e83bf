import Foundation
import Glibc

/// The folder of local sockets. Nobody else may enter it, because who can connect may speak.
public struct RuntimeFolder: Equatable, Sendable {
    public let path: String

    public init(path: String) { self.path = path }

    static var user: UInt32 { getuid() }

    /// The endpoint of a socket in this folder.
    public func socket(_ name: String) -> String { "ipc://\(path)/\(name).sock" }

    /// Makes the folder with mode 0700, or checks that the one there is ours and closed to others.
    ///
    /// In `/tmp` somebody else can have made it first; a link there is not followed.
    public func prepare() throws(ServiceFailure) {
        let parent = (path as NSString).deletingLastPathComponent
        if !FileManager.default.fileExists(atPath: parent) {
            do {
                try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
            } catch {
                throw ServiceFailure(
                    .cannotCreate, "runtime_dir: \(parent) cannot be made: \(error.localizedDescription)")
            }
        }
        if mkdir(path, 0o700) != 0 && errno != EEXIST {
            throw ServiceFailure(
                .cannotCreate, "runtime_dir: \(path) cannot be made: \(String(cString: strerror(errno)))")
        }
        var facts = stat()
        guard lstat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR else {
            throw ServiceFailure(.cannotCreate, "runtime_dir: \(path) is no folder; remove it or choose another")
        }
        guard facts.st_uid == Self.user else {
            throw ServiceFailure(
                .noPermission,
                "runtime_dir: \(path) belongs to user \(facts.st_uid); choose another with COLLOQUY_RUNTIME_DIR")
        }
        if facts.st_mode & 0o077 != 0, chmod(path, 0o700) != 0 {
            throw ServiceFailure(
                .noPermission, "runtime_dir: \(path) is open to others and cannot be closed; chmod 700 it")
        }
    }
}
