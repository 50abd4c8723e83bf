package import Checkpoint
package import Tokens

/// One generation's mind: which ids may come, what becomes of those chosen, which frames are whole, when it ends.
///
/// Pure: told the chosen ids of each step, it says the row and what follows. The words of model.md 6.2: `step` is k.
package struct GenerationState: Sendable {
    package struct Accepted: Equatable, Sendable {
        /// The row as the model reads it next.
        package let row: [Int32]
        /// The frame that became whole with it.
        package let frame: [UInt16]?
        package let finish: FinishReason?
    }

    private let request: GenerationRequest
    private let pad: Int32
    /// Frames that the caller has already.
    private let framesKnown: Int

    /// Rows generated so far.
    package private(set) var rows: TokenGrid
    /// The step at which channel 0 left the speech tokens.
    private var endStep: Int?
    /// Rows still to come after the end; negative before it.
    private var rowsToFlush = -1
    private var histories: [ChannelHistory]

    /// - Parameter request: Checked against the model.
    package init(_ request: GenerationRequest, _ model: LanguageModelConfiguration) {
        self.request = request
        pad = Int32(model.speechPadToken)
        rows = TokenGrid(channels: model.channels)
        framesKnown = request.resumeFrames?.frames ?? 0
        histories = request.sampling.enumerated().map { channel, sampling in
            ChannelHistory(vocabulary: model.vocabulary(of: channel), isKept: sampling.repetitionPenalty ?? 1 != 1)
        }
        for row in 0..<request.baseRows { remember(request.prompt.row(row)) }
        if let frames = request.resumeFrames { replay(frames) }
    }

    private var channels: Int { rows.channels }
    private var delayRows: Int { channels - 1 }
    /// The step that comes next.
    package var step: Int { rows.rows }

    /// An id that channel `channel` may not choose now.
    package func blocked(_ channel: Int) -> Int32? {
        if channel == 0 { return step < delayRows ? request.rules.endOfSpeech : nil }
        return step >= channel ? pad : nil
    }

    /// The ids that a channel has had, each once, if its repetition penalty asks.
    package func history(_ channel: Int) -> [Int32] { histories[channel].ids }

    /// Takes the chosen ids, one per channel.
    package mutating func accept(_ chosen: [Int32]) -> Accepted {
        var row = chosen
        // The end counts as the model chose it, before anything is written over it.
        if endStep == nil, !request.rules.speechTokens.contains(row[0]) {
            endStep = step
            rowsToFlush = delayRows
        }
        // Codes of the prompt that are still in the pipe.
        for channel in min(step + 1, channels)..<channels {
            row[channel] = request.prompt[request.baseRows + step, channel]
        }
        if rowsToFlush >= 1, rowsToFlush < delayRows {
            row[0] = request.rules.filler
            for channel in 1..<channels where rowsToFlush < channels - channel { row[channel] = pad }
        }
        rows.append(row: row)
        remember(row[...])
        if rowsToFlush > 0 { rowsToFlush -= 1 }
        return Accepted(row: row, frame: wholeFrame(), finish: finish())
    }

    private func finish() -> FinishReason? {
        if rowsToFlush == 0 { return .endOfSpeech }
        return rowsToFlush < 0 && rows.rows >= request.maxNewTokens + delayRows ? .length : nil
    }

    /// The frame whose last code stands in the newest row.
    private func wholeFrame() -> [UInt16]? {
        let frame = rows.rows - 1 - delayRows
        guard frame >= framesKnown, frame < endStep ?? .max else { return nil }
        return (0..<channels).map { channel in
            let id = rows[frame + channel, channel]
            // In range: channel 0 had not left the speech tokens, and the others' vocabulary has 16 bits.
            return UInt16(clamping: channel == 0 ? id - request.rules.speechTokens.lowerBound : id)
        }
    }

    private mutating func remember(_ row: ArraySlice<Int32>) {
        for (channel, id) in row.enumerated() { histories[channel].add(id) }
    }

    /// As many rows as there are frames can be told from them, and come out as they were.
    private mutating func replay(_ frames: CodeMatrix) {
        for step in 0..<frames.frames {
            let chosen = (0..<channels).map { channel -> Int32 in
                guard channel <= step else { return pad }  // the prompt's id is put there
                let code = Int32(frames[step - channel, channel])
                return channel == 0 ? code + request.rules.speechTokens.lowerBound : code
            }
            _ = accept(chosen)
        }
    }
}

/// The distinct ids of a channel, in the order of their first coming.
private struct ChannelHistory: Sendable {
    private(set) var ids: [Int32] = []
    private var seen: [Bool]

    /// - Parameter isKept: False where nobody will ask, which costs nothing then.
    init(vocabulary: Int, isKept: Bool) {
        seen = isKept ? Array(repeating: false, count: vocabulary) : []
    }

    mutating func add(_ id: Int32) {
        guard !seen.isEmpty, !seen[Int(id)] else { return }
        seen[Int(id)] = true
        ids.append(id)
    }
}
