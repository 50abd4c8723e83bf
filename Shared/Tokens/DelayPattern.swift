/// The delay of the codebooks: channel `j` of a frame stands `j` rows below its channel 0.
///
/// A row of the model thus holds codes of as many frames as there are channels, and a frame is whole only when
/// `channels - 1` further rows are there. Which ids fill the corners is the model's affair; there is no default.
public struct DelayPattern: Equatable, Sendable {
    /// What fills each channel where no token stands: the text pad in channel 0, the speech pad in the others.
    public let pads: [Int32]
    /// Id of code 0 of the first codebook in channel 0. The other channels carry codes as they are.
    public let speechTokenStart: Int32

    public var channels: Int { pads.count }
    /// Rows that the shift adds, and that the last frame waits for: `channels - 1`.
    public var delayRows: Int { pads.count - 1 }

    /// - Precondition: `pads` is not empty.
    public init(pads: [Int32], speechTokenStart: Int32) {
        precondition(!pads.isEmpty, "a delay pattern without channels")
        self.pads = pads
        self.speechTokenStart = speechTokenStart
    }

    /// Moves channel `j` down by `j` rows: `[rows, channels]` to `[rows + channels - 1, channels]`.
    ///
    /// - Precondition: `grid` has `channels` channels.
    public func shift(_ grid: TokenGrid) -> TokenGrid {
        precondition(grid.channels == channels, "\(grid.channels) channels in a pattern of \(channels)")
        var ids: [Int32] = []
        ids.reserveCapacity((grid.rows + delayRows) * channels)
        for row in 0..<grid.rows + delayRows {
            for channel in 0..<channels {
                let source = row - channel
                ids.append(source >= 0 && source < grid.rows ? grid[source, channel] : pads[channel])
            }
        }
        return TokenGrid(channels: channels, ids: ids)
    }

    /// The codes that generated rows spell, from the first row after the prompt's on (its `channels - 1` tail rows
    /// not among them: the model writes those anew).
    ///
    /// The sound ends with the last frame whose second channel is not the pad: an end in channel 0 still lets one
    /// row of samples through in the others, so channel 0 would tell it wrong.
    ///
    /// - Parameter generated: `[rows, channels]`.
    /// - Throws: `DelayError` when there are less rows than channels, or an id is no code.
    /// - Precondition: `generated` has `channels` channels.
    public func unshift(_ generated: TokenGrid) throws(DelayError) -> UnshiftedSpeech {
        precondition(generated.channels == channels, "\(generated.channels) channels in a pattern of \(channels)")
        var unshifter = DelayUnshifter(pattern: self)
        var codes = CodeMatrix(codebooks: channels)
        for row in 0..<generated.rows {
            codes.append(contentsOf: try unshifter.push(generated.row(row)))
        }
        try unshifter.finish()
        return codes.frames == 0 ? .noSpeech : .codes(codes)
    }
}

/// What a model said.
public enum UnshiftedSpeech: Equatable, Sendable {
    /// `[frames, codebooks]` with at least one frame. A pad within a frame is kept for the codec to refuse.
    case codes(CodeMatrix)
    /// Rows enough, but no frame before the end.
    case noSpeech
}

/// Why rows are no speech.
public enum DelayError: Error, Equatable, Sendable, CustomStringConvertible {
    case tooFewRows(rows: Int, needed: Int)
    case notACode(frame: Int, codebook: Int, id: Int32)

    public var description: String {
        switch self {
        case .tooFewRows(let rows, let needed):
            "\(rows) generated rows hold no whole frame: the delay needs \(needed); allow more tokens"
        case .notACode(let frame, let codebook, let id):
            "id \(id) in frame \(frame), codebook \(codebook), is no code: the model left the speech range within speech"
        }
    }
}
