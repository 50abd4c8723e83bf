/// A matrix of token ids, `[rows, channels]` row-major: what the language model reads and writes.
///
/// Channel 0 carries text ids and, offset into the vocabulary, codes of the first codebook; the other channels carry
/// codes of their own codebook or the pad. How many channels there are is the model's affair.
public struct TokenGrid: Equatable, Sendable {
    public let channels: Int
    /// Row-major; `ids.count` is a multiple of `channels`.
    public private(set) var ids: [Int32]

    public var rows: Int { ids.count / channels }

    /// - Precondition: `channels` is positive and divides `ids.count`.
    public init(channels: Int, ids: [Int32] = []) {
        precondition(channels > 0 && ids.count % channels == 0, "\(ids.count) ids are no rows of \(channels)")
        self.channels = channels
        self.ids = ids
    }

    public subscript(row: Int, channel: Int) -> Int32 {
        get { ids[row * channels + channel] }
        set { ids[row * channels + channel] = newValue }
    }

    public func row(_ index: Int) -> ArraySlice<Int32> {
        ids[index * channels..<(index + 1) * channels]
    }

    /// - Precondition: `row` has one id per channel.
    public mutating func append(row: some Collection<Int32>) {
        precondition(row.count == channels, "a row of \(row.count) ids for \(channels) channels")
        ids.append(contentsOf: row)
    }

    /// The rows of `range`, as a grid of their own.
    public func rows(_ range: Range<Int>) -> TokenGrid {
        TokenGrid(channels: channels, ids: Array(ids[range.lowerBound * channels..<range.upperBound * channels]))
    }
}
