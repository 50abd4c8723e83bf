import Glibc

/// Bytes at positions: what libsndfile reads and writes through `VirtualFile`, in memory or on disk.
protocol ByteStore: AnyObject {
    var byteCount: Int { get }
    /// Copies bytes from `position` on and returns how many there were; 0 at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer, at position: Int) -> Int
    /// Returns how many bytes were taken; fewer than given only when the store has failed.
    func write(_ bytes: UnsafeRawBufferPointer, at position: Int) -> Int
}

final class MemoryStore: ByteStore {
    private(set) var bytes: [UInt8]

    init(_ bytes: [UInt8] = []) { self.bytes = bytes }

    var byteCount: Int { bytes.count }

    func read(into buffer: UnsafeMutableRawBufferPointer, at position: Int) -> Int {
        guard position < bytes.count else { return 0 }
        let count = min(buffer.count, bytes.count - position)
        bytes.withUnsafeBytes {
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[position..<position + count]))
        }
        return count
    }

    func write(_ source: UnsafeRawBufferPointer, at position: Int) -> Int {
        if position > bytes.count { bytes += [UInt8](repeating: 0, count: position - bytes.count) }
        let replaced = min(source.count, bytes.count - position)
        bytes.replaceSubrange(position..<position + replaced, with: source)
        return source.count
    }
}

/// An open file, closed with the object.
final class FileStore: ByteStore {
    private let descriptor: Int32
    /// The reason of the first write that failed.
    private(set) var failure: String?

    /// - Throws: `AudioError.cannotOpen` when it does not exist, may not be read, or is no regular file: a pipe would
    ///   make us wait for its writer.
    init(reading path: String) throws(AudioError) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw AudioError.cannotOpen(source: path, reason: Self.reasonOfLastError()) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw AudioError.cannotOpen(source: path, reason: "it is no regular file")
        }
    }

    /// Creates the file, or empties the one that is there.
    init(creating path: String) throws(AudioError) {
        descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw AudioError.cannotWrite(target: path, reason: Self.reasonOfLastError()) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    var byteCount: Int {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at position: Int) -> Int {
        var done = 0
        while done < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            let count = pread(descriptor, rest.baseAddress, rest.count, off_t(position + done))
            if count < 0 && errno == EINTR { continue }
            if count <= 0 { break }
            done += count
        }
        return done
    }

    func write(_ bytes: UnsafeRawBufferPointer, at position: Int) -> Int {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(position + done))
            if count < 0 && errno == EINTR { continue }
            if count <= 0 {
                if failure == nil { failure = Self.reasonOfLastError() }
                break
            }
            done += count
        }
        return done
    }

    private static func reasonOfLastError() -> String { String(cString: strerror(errno)) }
}
