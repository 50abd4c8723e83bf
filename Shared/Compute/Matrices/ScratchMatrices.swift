internal import Synchronization

/// Buffers that tasks borrow for intermediate results, so that a task neither allocates nor faults in fresh pages.
package final class ScratchMatrices: Sendable {
    private let free = Mutex<[AlignedFloats]>([])

    package init() {}

    /// Lends a matrix of arbitrary content to `body`.
    package func with(rows: Int, columns: Int, _ body: (Matrix) -> Void) {
        with(floats: rows * columns) {
            body(Matrix(storage: $0, offset: 0, rows: rows, columns: columns, stride: columns))
        }
    }

    /// Lends at least `count` floats of arbitrary content to `body`.
    func with(floats count: Int, _ body: (AlignedFloats) -> Void) {
        let found = free.withLock { free -> AlignedFloats? in
            guard let index = free.lastIndex(where: { $0.count >= count && $0.count <= 4 * count + 4096 }) else {
                return nil
            }
            return free.remove(at: index)
        }
        let buffer = found ?? AlignedFloats(count: count)
        body(buffer)
        free.withLock {
            $0.append(buffer)
            // A change of lengths leaves buffers that nobody asks for any more.
            if $0.count > 64 { $0.removeFirst() }
        }
    }
}
