/// Floats at a fixed address, aligned to 64 bytes (a cache line, an AVX-512 register); many of them in large pages of the
/// system, where it has any.
///
/// - Invariant: `base` is owned by this object, lives as long as it and never moves. Threads may share the object, but
///   nothing orders their reads and writes: whoever owns the buffer hands out parts that do not overlap, and waits for
///   their users (as `WorkerPool.run` does) before it touches them again. That is why `@unchecked Sendable` is true.
public final class AlignedFloats: @unchecked Sendable {
    public let count: Int
    public let base: UnsafeMutablePointer<Float>

    public var buffer: UnsafeMutableBufferPointer<Float> { UnsafeMutableBufferPointer(start: base, count: count) }

    /// Zeros.
    ///
    /// - Precondition: `count` is not negative.
    public convenience init(count: Int) {
        self.init(unwritten: count)
        base.initialize(repeating: 0, count: count)
    }

    /// Floats of arbitrary content, whose pages are touched by whoever writes them first.
    ///
    /// - Precondition: `count` is not negative.
    init(unwritten count: Int) {
        precondition(count >= 0, "a buffer of \(count) floats")
        let raw = LargePages.allocate(byteCount: max(count, 1) * MemoryLayout<Float>.stride)
        self.count = count
        base = raw.bindMemory(to: Float.self, capacity: max(count, 1))
    }

    deinit { base.deallocate() }
}
