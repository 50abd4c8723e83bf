internal import Glibc

/// Memory that is read in long stretches, in large pages of the system where it has any: it finds those faster.
package enum LargePages {
    private static let bytes = 2 << 20

    /// Bytes of arbitrary content, aligned to 64 at least; to be given back by `deallocate`.
    package static func allocate(byteCount: Int) -> UnsafeMutableRawPointer {
        // Only whole large pages are asked for, so that none is taken for a few bytes.
        let isLarge = byteCount >= 2 * bytes
        let start = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: isLarge ? bytes : 64)
        if isLarge { madvise(start, byteCount / bytes * bytes, MADV_HUGEPAGE) }
        return start
    }
}
