/// Takes rows as a model makes them and gives each frame as soon as it is certain.
///
/// The frames of all `push`es together are those of `DelayPattern.unshift` over all rows.
public struct DelayUnshifter: Sendable {
    public let pattern: DelayPattern
    /// Rows pushed so far.
    public private(set) var rows = 0
    /// Frames given so far.
    public private(set) var frames = 0
    /// The last rows, at most `channels - 1` between two pushes, row-major.
    private var recent: [Int32] = []
    /// Whole frames without a code in the second channel: part of the sound only if a later frame has one.
    private var held: [Int32] = []

    public init(pattern: DelayPattern) { self.pattern = pattern }

    /// - Parameter row: the ids of the next row, one a channel.
    /// - Returns: `[frames, codebooks]`: mostly one frame; none while the first is on its way or the sound may have
    ///   ended; several when it goes on after all.
    /// - Throws: `DelayError.notACode`; the unshifter is of no further use then.
    /// - Precondition: `row` has one id a channel.
    public mutating func push(_ row: some Collection<Int32>) throws(DelayError) -> CodeMatrix {
        let channels = pattern.channels
        precondition(row.count == channels, "a row of \(row.count) ids for \(channels) channels")
        rows += 1
        recent.append(contentsOf: row)
        var given = CodeMatrix(codebooks: channels)
        guard recent.count == channels * channels else { return given }

        for channel in 0..<channels {
            held.append(recent[channel * channels + channel])
        }
        recent.removeFirst(channels)
        // With one channel there is no second: its own pad, then, tells the end.
        let telling = min(1, channels - 1)
        guard held[held.count - channels + telling] != pattern.pads[telling] else { return given }

        for start in stride(from: 0, to: held.count, by: channels) {
            given.append(frame: try frame(held[start..<start + channels]))
        }
        held.removeAll(keepingCapacity: true)
        return given
    }

    /// Checks, after the last row, that there were rows enough to say anything.
    public func finish() throws(DelayError) {
        guard rows >= pattern.channels else { throw .tooFewRows(rows: rows, needed: pattern.channels) }
    }

    private mutating func frame(_ ids: ArraySlice<Int32>) throws(DelayError) -> [UInt16] {
        var codes: [UInt16] = []
        for (codebook, id) in ids.enumerated() {
            let code = codebook == 0 ? Int(id) - Int(pattern.speechTokenStart) : Int(id)
            guard let code = UInt16(exactly: code) else { throw .notACode(frame: frames, codebook: codebook, id: id) }
            codes.append(code)
        }
        frames += 1
        return codes
    }
}
