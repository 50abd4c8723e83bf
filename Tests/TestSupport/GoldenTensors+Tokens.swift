public import Tokens

extension CodeMatrix {
    /// From golden `[codebooks, frames]`.
    public init(golden tensor: GoldenTensors.Tensor) {
        let (codebooks, frames) = (tensor.shape[0], tensor.shape[1])
        let ids = tensor.integers
        self.init(
            codebooks: codebooks,
            codes: (0..<frames * codebooks).map { UInt16(clamping: ids[$0 % codebooks * frames + $0 / codebooks]) })
    }
}

extension GoldenTensors {
    /// `[rows, channels]`.
    public func grid(_ name: String) throws -> TokenGrid {
        let tensor = try require(name)
        return TokenGrid(channels: tensor.shape[1], ids: tensor.integers.map { Int32(clamping: $0) })
    }

    /// `[items, rows, channels]`.
    public func grids(_ name: String) throws -> [TokenGrid] {
        let tensor = try require(name)
        let (rows, channels) = (tensor.shape[1], tensor.shape[2])
        let all = TokenGrid(channels: channels, ids: tensor.integers.map { Int32(clamping: $0) })
        return (0..<tensor.shape[0]).map { all.rows($0 * rows..<($0 + 1) * rows) }
    }

    /// `input_ids` with the number of masked rows at the head of each item.
    public func paddedItems() throws -> [(grid: TokenGrid, pads: Int)] {
        let mask = try require("attention_mask").floats
        return try grids("input_ids").enumerated().map { number, grid in
            let row = mask[number * grid.rows..<(number + 1) * grid.rows]
            return (grid, row.prefix { $0 == 0 }.count)
        }
    }
}

extension DelayPattern {
    /// From the ids that cases state.
    public init(textPad: Int, speechPad: Int, channels: Int, speechTokenStart: Int) {
        let speechPads = Array(repeating: Int32(speechPad), count: channels - 1)
        self.init(pads: [Int32(textPad)] + speechPads, speechTokenStart: Int32(speechTokenStart))
    }
}
