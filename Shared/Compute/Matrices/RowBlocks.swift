extension WorkerPool {
    /// Rows at most in one task: enough for a matrix product to run at full rate, few enough that what the task keeps
    /// between two products stays in the cache.
    static let rowsInTask = 128

    /// Calls `body` for consecutive ranges that together are `range`.
    ///
    /// The cut depends on the number of rows alone, never on the number of threads, so that every product has the same
    /// shape, hence the same bits, on any machine with the same cores.
    package func runRows(_ range: Range<Int>, _ body: (Range<Int>) -> Void) {
        let blocks = Self.rowBlocks(range)
        run(tasks: blocks.count) { body(blocks[$0]) }
    }

    /// As many equal blocks as an even number of threads shares out evenly, each of at most `rowsInTask` rows; small
    /// inputs in blocks of a quarter of that, since every block reads all weights.
    static func rowBlocks(_ range: Range<Int>) -> [Range<Int>] {
        guard !range.isEmpty else { return [] }
        let sharing = range.count >= rowsInTask ? 4 : 2
        let count =
            range.count <= rowsInTask / 4
            ? 1 : (range.count + sharing * rowsInTask - 1) / (sharing * rowsInTask) * sharing
        return (0..<count).map {
            range.lowerBound + $0 * range.count / count..<range.lowerBound + ($0 + 1) * range.count / count
        }
    }
}
