internal import CSys
internal import Synchronization

/// Wakes one waiting thread: whoever has something for it rings, and it looks what that is.
///
/// `@unchecked Sendable`: the counter is an atomic at a fixed address, since the kernel is told the address.
public final class Bell: @unchecked Sendable {
    private let rings = UnsafeMutablePointer<Atomic<UInt32>>.allocate(capacity: 1)

    public init() { rings.initialize(to: Atomic(0)) }

    deinit { rings.deallocate() }

    /// How often it has rung; read this before looking for work, so that no ring is missed.
    public var count: UInt32 { rings.pointee.load(ordering: .acquiring) }

    public func ring() {
        rings.pointee.add(1, ordering: .releasing)
        csys_futex_wake(rings, 1)
    }

    /// Returns when the bell has rung since `count` was read, or for no reason.
    public func wait(since count: UInt32) { csys_futex_wait(rings, count) }
}
