extension WorkerPool {
    /// Rows at most in one task: enough for a matrix product to run near its full rate (0.9 of it at the codec's sizes), few
    /// enough that what the task keeps between two products stays near the core.
    static let rowsInTask = 192
    /// Rows that kernels take at once: blocks are whole lots of them, so that only the last rows of all fill none.
    private static let rowsInLot = 32

    /// Calls `body` for consecutive ranges that together are `range`.
    ///
    /// The cut depends on the number of rows alone, never on the number of threads, so that every product has the same
    /// shape, hence the same bits, on any number of threads.
    package func runRows(_ range: Range<Int>, _ body: (Range<Int>) -> Void) {
        let blocks = Self.rowBlocks(range)
        run(tasks: blocks.count) { body(blocks[$0]) }
    }

    /// Blocks as equal as whole lots of rows allow: many rows in a multiple of four, fewer in a multiple of two, for threads
    /// to share; a few dozen in one, since every block reads all weights.
    package static func rowBlocks(_ range: Range<Int>) -> [Range<Int>] {
        guard !range.isEmpty else { return [] }
        let sharing = range.count > 4 * rowsInTask ? 4 : range.count > rowsInTask / 4 ? 2 : 1
        let count = (range.count + sharing * rowsInTask - 1) / (sharing * rowsInTask) * sharing
        let lots = (range.count + rowsInLot - 1) / rowsInLot
        let bounds = (0...count).map { min(range.lowerBound + $0 * lots / count * rowsInLot, range.upperBound) }
        return zip(bounds, bounds.dropFirst()).filter { $0 < $1 }.map { $0..<$1 }
    }
}
