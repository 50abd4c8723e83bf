/// Grids of different lengths made equally long by rows of pads above them: the last rows, from which the model goes on,
/// stand side by side.
public struct PaddedBatch: Equatable, Sendable {
    /// `[rows, channels]` each.
    public let grids: [TokenGrid]
    /// How many rows at the top of each grid are pads, which attention must not see.
    public let leadingPads: [Int]
    public let rows: Int

    /// - Parameters:
    ///   - grids: `[any rows, channels]` each.
    ///   - pads: The row that fills, one id a channel.
    /// - Precondition: every grid has as many channels as `pads`.
    public init(_ grids: [TokenGrid], pads: [Int32]) {
        let rows = grids.map(\.rows).max() ?? 0
        self.rows = rows
        leadingPads = grids.map { rows - $0.rows }
        self.grids = grids.map { grid in
            precondition(grid.channels == pads.count, "\(grid.channels) channels beside \(pads.count) pads")
            let top = Array(repeating: pads, count: rows - grid.rows).joined()
            return TokenGrid(channels: pads.count, ids: Array(top) + grid.ids)
        }
    }

    /// `[rows]` of one item: false at its pads.
    public func attends(item: Int) -> [Bool] {
        (0..<rows).map { $0 >= leadingPads[item] }
    }
}
