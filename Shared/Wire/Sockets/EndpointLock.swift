import Contracts
import Foundation
import Glibc

/// Holds the path of an `ipc://` endpoint for one process.
///
/// libzmq takes a socket file away from whoever has it. So a lock beside it says who lives there: the system lets go of
/// it with the process, however that ends, and a file left by a killed process hinders nobody.
final class EndpointLock {
    private let path: String
    private let socketPath: String
    private let descriptor: Int32

    /// - Throws: `alreadyExists` when another process holds it; `invalidArgument` when the folder cannot be used.
    init(socketPath: String) throws(CallError) {
        let folder = (socketPath as NSString).deletingLastPathComponent
        if !folder.isEmpty {
            do {
                try FileManager.default.createDirectory(
                    atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            } catch {
                throw CallError(.invalidArgument, "ipc://\(socketPath): the folder cannot be made")
            }
        }
        self.socketPath = socketPath
        path = socketPath + ".lock"
        descriptor = try Self.lock(path, socketPath)
    }

    deinit {
        // libzmq removes only files that it named itself.
        unlink(socketPath)
        // First the name, then the lock: whoever gets the lock meanwhile sees that its file has no name any more.
        unlink(path)
        close(descriptor)
    }

    /// Lets nobody but this user dial a socket file, wherever its folder is.
    static func makePrivate(_ socketPath: String) { _ = chmod(socketPath, 0o600) }

    private static func lock(_ path: String, _ socketPath: String) throws(CallError) -> Int32 {
        while true {
            let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else {
                throw CallError(
                    .invalidArgument, "ipc://\(socketPath): \(path) cannot be made: \(String(cString: strerror(errno)))"
                )
            }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                close(descriptor)
                throw CallError(
                    .alreadyExists,
                    "ipc://\(socketPath): another gateway runs there; stop it, or choose another endpoint")
            }
            var held = stat()
            var named = stat()
            if fstat(descriptor, &held) == 0, stat(path, &named) == 0, held.st_ino == named.st_ino { return descriptor }
            close(descriptor)  // its owner has just removed it; a new file stands there, or none
        }
    }
}
