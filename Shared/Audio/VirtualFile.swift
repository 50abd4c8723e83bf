import CSndfile
import Glibc

/// A store with a position: the file that libsndfile's callbacks see.
///
/// libsndfile holds an unretained pointer to it. Invariant: whoever opens an `SNDFILE` on it (`SoundHandle`) keeps it alive
/// until that is closed, and uses both from one thread at a time.
final class VirtualFile {
    let store: any ByteStore
    private var position = 0

    init(_ store: any ByteStore) { self.store = store }

    /// - Returns: The new position, or -1 for one that cannot be.
    fileprivate func seek(_ offset: Int, from whence: Int32) -> Int {
        let base =
            switch whence {
            case SEEK_CUR: position
            case SEEK_END: store.byteCount
            default: 0
            }
        let (target, overflow) = base.addingReportingOverflow(offset)
        guard !overflow, target >= 0 else { return -1 }
        position = target
        return target
    }

    fileprivate func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = store.read(into: buffer, at: position)
        position += count
        return count
    }

    fileprivate func write(_ bytes: UnsafeRawBufferPointer) -> Int {
        let count = store.write(bytes, at: position)
        position += count
        return count
    }

    fileprivate var tell: Int { position }

    fileprivate static func of(_ pointer: UnsafeMutableRawPointer?) -> VirtualFile? {
        pointer.map { Unmanaged<VirtualFile>.fromOpaque($0).takeUnretainedValue() }
    }

    /// The callbacks; `user` is `pointer` of a living `VirtualFile`.
    static func callbacks() -> SF_VIRTUAL_IO {
        SF_VIRTUAL_IO(
            get_filelen: { user in sf_count_t(VirtualFile.of(user)?.store.byteCount ?? 0) },
            seek: { offset, whence, user in sf_count_t(VirtualFile.of(user)?.seek(Int(offset), from: whence) ?? -1) },
            read: { buffer, count, user in
                guard let file = VirtualFile.of(user), count > 0 else { return 0 }
                return sf_count_t(file.read(into: UnsafeMutableRawBufferPointer(start: buffer, count: Int(count))))
            },
            write: { buffer, count, user in
                guard let file = VirtualFile.of(user), count > 0 else { return 0 }
                return sf_count_t(file.write(UnsafeRawBufferPointer(start: buffer, count: Int(count))))
            },
            tell: { user in sf_count_t(VirtualFile.of(user)?.tell ?? 0) })
    }

    var pointer: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }
}
