extension WorkerPool {
    /// Rows at most in one task: enough for a matrix product to run near its full rate, few enough that what the task keeps
    /// between two products stays near the core.
    static let rowsInTask = 256
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

    /// Blocks that get smaller: each is a third of what is left, of two lots at least and eight at most, and the last one a lot
    /// or two. So threads end together though one runs at half the rate of another, as they do where other programs, or other
    /// guests of a host, work beside them. A few dozen rows are one block, since every block reads all weights.
    package static func rowBlocks(_ range: Range<Int>) -> [Range<Int>] {
        var blocks: [Range<Int>] = []
        var start = range.lowerBound
        while start < range.upperBound {
            let left = range.upperBound - start
            let lots = (left + rowsInLot - 1) / rowsInLot
            let isLast = blocks.isEmpty ? 2 * left <= 3 * rowsInLot : lots <= 2
            let count = min(max((lots + 2) / 3, lots > 3 ? 2 : 1) * rowsInLot, rowsInTask)
            blocks.append(start..<(isLast ? range.upperBound : start + count))
            start = blocks[blocks.count - 1].upperBound
        }
        return blocks
    }
}
