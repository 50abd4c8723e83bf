internal import Checkpoint
internal import Foundation
internal import Glibc

/// Lets one process at a time make files of packed weights in a folder, so that several that start at once do the work once.
///
/// It is the folder itself that is locked: nothing is left behind, and the kernel gives it back when a process ends, however
/// it ends. Some network file systems lock no folders; then several make the same bytes, and the last one's name stays.
final class FolderLock {
    private let file: URL
    private var descriptor: Int32
    private let isLocked: Bool

    /// Longer than anybody needs to pack a model: who holds it then hangs, and is waited for no longer.
    private static let waitMax = Duration.seconds(600)

    /// - Parameter file: What will be made; its folder is made if need be.
    /// - Throws: `CannotWrite` where files cannot be made.
    init(of file: URL, tell: (WeightCache.Event) -> Void) throws {
        self.file = file
        let folder = file.deletingLastPathComponent().path
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let opened = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard opened >= 0 else { throw PackedFileWriter.CannotWrite(folder, code: errno) }
        guard access(folder, W_OK) == 0 else {
            let code = errno
            close(opened)
            throw PackedFileWriter.CannotWrite(folder, code: code)
        }
        descriptor = opened
        let deadline = ContinuousClock.now + Self.waitMax
        var hasWaited = false
        var isLocked = false
        while true {
            if flock(opened, LOCK_EX | LOCK_NB) == 0 {
                isLocked = true
                break
            }
            let failure = errno
            guard failure == EWOULDBLOCK || failure == EINTR, ContinuousClock.now < deadline else { break }
            if !hasWaited { tell(.waiting(path: file.path)) }
            hasWaited = true
            usleep(20_000)
        }
        self.isLocked = isLocked
    }

    deinit { release() }

    func release() {
        guard descriptor >= 0 else { return }
        close(descriptor)
        descriptor = -1
    }

    /// What processes left behind that were killed at work on this file. Nobody else is at work while we have the lock.
    func removeAbandonedDrafts() {
        guard isLocked else { return }
        let folder = file.deletingLastPathComponent()
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        for name in names
        where name.hasPrefix(file.lastPathComponent) && name.hasSuffix(PackedFileWriter.draftEnding) {
            try? FileManager.default.removeItem(at: folder.appending(path: name))
        }
    }
}
