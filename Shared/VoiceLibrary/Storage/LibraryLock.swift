import Foundation
import Glibc
import Synchronization

/// Lets one process at a time open a library: `flock` on a file beside it, `<database>.lock`. It is held while the file
/// is stamped and its tables are brought up to date, which SQLite's own locks do not cover as a whole.
///
/// The kernel gives the lock back when the process ends, however it ends; a file that a killed process left behind
/// locks nothing. It is a file of its own because closing any descriptor of the database would drop SQLite's own locks
/// on it (POSIX locks belong to the process).
final class LibraryLock: Sendable {
    private let path: String
    /// -1 once it is given back.
    private let descriptor: Mutex<Int32>

    /// - Parameter wait: How long another holder may take.
    /// - Throws: `inUse` when another holder takes longer, `inaccessible` when the file cannot be made.
    init(database: String, wait: Duration) throws(VoiceLibraryError) {
        let deadline = ContinuousClock.now + wait
        path = database + ".lock"
        while true {
            let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
            guard opened >= 0 else { throw .inaccessible(path: path, reason: Self.reason(errno)) }
            guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
                let failure = errno
                let holder = Self.holder(opened)
                Glibc.close(opened)
                if failure == EINTR { continue }
                guard failure == EWOULDBLOCK else {
                    throw .inaccessible(path: path, reason: Self.reason(failure))
                }
                guard ContinuousClock.now < deadline else { throw .inUse(path: database, process: holder) }
                usleep(10_000)
                continue
            }
            // The holder before us removes the file as it leaves: what we locked may have no name any more.
            if Self.isNamed(opened, path) {
                Self.write(holder: getpid(), to: opened)
                descriptor = Mutex(opened)
                return
            }
            Glibc.close(opened)
        }
    }

    deinit { release() }

    /// Removes the file, then the lock; in this order nobody can lock a file that is about to go without noticing.
    func release() {
        descriptor.withLock { held in
            guard held >= 0 else { return }
            unlink(path)
            Glibc.close(held)
            held = -1
        }
    }

    private static func isNamed(_ descriptor: Int32, _ path: String) -> Bool {
        var ours = stat()
        var named = stat()
        return fstat(descriptor, &ours) == 0 && lstat(path, &named) == 0 && ours.st_ino == named.st_ino
            && ours.st_dev == named.st_dev
    }

    /// For the message that the next one reads; nothing depends on it.
    private static func write(holder: pid_t, to descriptor: Int32) {
        let text = Array("\(holder)\n".utf8)
        ftruncate(descriptor, 0)
        _ = pwrite(descriptor, text, text.count, 0)
    }

    private static func holder(_ descriptor: Int32) -> Int? {
        var text = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &text, text.count, 0)
        guard count > 0 else { return nil }
        return Int(String(decoding: text[..<count].prefix { $0 != 10 }, as: UTF8.self))
    }

    static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
