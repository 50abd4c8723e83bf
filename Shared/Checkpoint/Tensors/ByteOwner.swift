import Glibc

/// Memory that tensors point into; it stays where it is, unchanged, as long as the owner lives.
protocol ByteOwner: AnyObject, Sendable {
    var bytes: UnsafeRawBufferPointer { get }
    /// Whoever read these bytes will not soon again: what a file has of them need not stay in memory.
    func release(_ range: Range<Int>)
}

extension ByteOwner {
    func release(_ range: Range<Int>) {}
}

/// Memory of our own, for tensors that no file holds in the wanted form.
///
/// Unchecked, because the pointer is written only inside `init` and read-only afterwards.
final class OwnedBytes: ByteOwner, @unchecked Sendable {
    private let storage: UnsafeMutableRawBufferPointer

    /// Takes `count` bytes, aligned to a cache line, and lets `fill` write every one of them.
    init<Failure: Error>(
        count: Int, fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        storage = .allocate(byteCount: count, alignment: 64)
        try fill(storage)
    }

    deinit { storage.deallocate() }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(storage) }
}

/// A file, mapped read-only.
///
/// Unchecked, because a private read-only mapping is only read. Whoever shortens the file while it is mapped gets the
/// process killed by the system; models are replaced by renaming a new file over the old one.
final class MappedFile: ByteOwner, @unchecked Sendable {
    let path: String
    let bytes: UnsafeRawBufferPointer

    /// Of a processor's second size; a file system with large folios (XFS; ext4 from Linux 6.16) can map a file in them.
    private static let largePage = 2 << 20
    private static let pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))

    /// - Parameter inLargePages: For a file that is read over and over, as a whole: finding where each of its small pages
    ///   lies takes a tenth of the time that reading it takes. What the system holds of the file in small pages already, or
    ///   on another file system, it maps in those.
    init(path: String, inLargePages: Bool = false) throws(CheckpointError) {
        // Without waiting, because a named pipe would wait for its other end for ever.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw CheckpointError(.unreadable, file: path, "cannot be opened: \(MappedFile.systemError())")
        }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            throw CheckpointError(.unreadable, file: path, "is not a regular file")
        }
        self.path = path
        guard facts.st_size > 0 else {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        let isLarge = inLargePages && facts.st_size > Self.largePage
        guard let start = Self.map(descriptor, facts.st_size, inLargePages: isLarge) else {
            throw CheckpointError(.unreadable, file: path, "cannot be mapped: \(MappedFile.systemError())")
        }
        bytes = UnsafeRawBufferPointer(start: start, count: facts.st_size)
    }

    private static func map(_ descriptor: Int32, _ count: Int, inLargePages: Bool) -> UnsafeMutableRawPointer? {
        guard inLargePages else {
            let start = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0)
            return start == MAP_FAILED ? nil : start
        }
        // Room for the file at a multiple of the large page; what is left over on both sides goes back.
        guard let room = mmap(nil, count + largePage, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), room != MAP_FAILED
        else { return nil }
        let before = (largePage - Int(bitPattern: room) % largePage) % largePage
        let start = mmap(room + before, count, PROT_READ, MAP_PRIVATE | MAP_FIXED, descriptor, 0)
        guard let start, start != MAP_FAILED else {
            munmap(room, count + largePage)
            return nil
        }
        if before > 0 { munmap(room, before) }
        let end = (before + count + pageSize - 1) / pageSize * pageSize
        if end < count + largePage { munmap(room + end, count + largePage - end) }
        madvise(start, count, MADV_HUGEPAGE)
        return start
    }

    /// Reading them again reads the file again, or what the system keeps of it.
    func release(_ range: Range<Int>) {
        let first = (range.lowerBound + Self.pageSize - 1) / Self.pageSize * Self.pageSize
        let end = range.upperBound / Self.pageSize * Self.pageSize
        guard let start = bytes.baseAddress, first < end else { return }
        madvise(UnsafeMutableRawPointer(mutating: start + first), end - first, MADV_DONTNEED)
    }

    deinit {
        if let start = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: start), bytes.count) }
    }

    private static func systemError() -> String { String(cString: strerror(errno)) }
}
