internal import Compute

/// Room for choosing an id among those of one vocabulary, made once, so that choosing allocates nothing.
///
/// - Invariant: The buffers are owned by this object and never move; one choice at a time uses them, on whatever thread.
///   That is why `@unchecked Sendable` is true.
package final class SamplingScratch: @unchecked Sendable {
    /// Ids that may be chosen, ascending.
    let ids: UnsafeMutableBufferPointer<Int32>
    /// Places in `ids`, as a heap.
    let order: UnsafeMutableBufferPointer<Int32>
    /// Of `ids`; before there are any, the heap of the largest scores.
    let probabilities: AlignedFloats

    package init(vocabulary: Int) {
        ids = .allocate(capacity: vocabulary)
        ids.initialize(repeating: 0)
        order = .allocate(capacity: vocabulary)
        order.initialize(repeating: 0)
        probabilities = AlignedFloats(count: vocabulary)
    }

    deinit {
        ids.deallocate()
        order.deallocate()
    }

    package static func bytes(vocabulary: Int) -> Int { 12 * vocabulary }
}
