import TestSupport
import Testing
import Tokens

@Suite struct DelayPatternTests {
    /// Codes laid out, shifted and read back are the same codes, whatever the number of channels and frames.
    @Test(arguments: [1, 2, 3, 8, 17], [0, 1, 2, 7, 8, 40])
    func unshiftingUndoesShifting(channels: Int, frames: Int) throws {
        var random = SeededRandom(seed: UInt64(channels * 1000 + frames))
        let pattern = DelayPattern(textPad: 7, speechPad: 1024, channels: channels, speechTokenStart: 5000)
        let codes = CodeMatrix(
            codebooks: channels, codes: (0..<frames * channels).map { _ in .random(in: 0..<1024, using: &random) })
        var grid = TokenGrid(channels: channels)
        for frame in 0..<frames {
            grid.append(row: (0..<channels).map { Int32(codes[frame, $0]) + ($0 == 0 ? 5000 : 0) })
        }
        let shifted = pattern.shift(grid)
        #expect(shifted.rows == frames + channels - 1)
        if frames == 0 {
            #expect(throws: DelayError.tooFewRows(rows: channels - 1, needed: channels)) {
                try pattern.unshift(shifted)
            }
        } else {
            #expect(try pattern.unshift(shifted) == .codes(codes))
        }
    }

    /// A listener hears a frame as soon as it is certain, and hears in the end what the whole would have given.
    @Test(arguments: 0..<40)
    func rowByRowGivesWhatTheWholeGives(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed))
        let channels = Int.random(in: 1...9, using: &random)
        let pattern = DelayPattern(textPad: 3, speechPad: 9, channels: channels, speechTokenStart: 100)
        var grid = TokenGrid(channels: channels)
        for _ in 0..<Int.random(in: channels...60, using: &random) {
            grid.append(row: (0..<channels).map { .random(in: 0..<10, using: &random) + ($0 == 0 ? 100 : 0) })
        }
        var unshifter = DelayUnshifter(pattern: pattern)
        var heard = CodeMatrix(codebooks: channels)
        for row in 0..<grid.rows {
            let frames = try unshifter.push(grid.row(row))
            if row < channels - 1 { #expect(frames.frames == 0) }
            heard.append(contentsOf: frames)
            #expect(unshifter.frames == heard.frames)
        }
        #expect(heard == slowUnshift(grid, pads: pattern.pads, start: 100))
        #expect(try pattern.unshift(grid) == (heard.frames == 0 ? .noSpeech : .codes(heard)))
    }

    @Test func saysWhichIdIsNoCode() {
        let pattern = DelayPattern(textPad: 3, speechPad: 9, channels: 2, speechTokenStart: 100)
        let grid = TokenGrid(channels: 2, ids: [100, 9, 42, 1, 101, 2])
        #expect(throws: DelayError.notACode(frame: 1, codebook: 0, id: 42)) { try pattern.unshift(grid) }
    }

    @Test func padsStandAboveTheShorterOnes() {
        let short = TokenGrid(channels: 2, ids: [1, 2])
        let long = TokenGrid(channels: 2, ids: [3, 4, 5, 6, 7, 8])
        let batch = PaddedBatch([short, long], pads: [70, 80])
        #expect(batch.rows == 3)
        #expect(batch.leadingPads == [2, 0])
        #expect(batch.grids == [TokenGrid(channels: 2, ids: [70, 80, 70, 80, 1, 2]), long])
        #expect(batch.attends(item: 0) == [false, false, true])
        #expect(batch.attends(item: 1) == [true, true, true])
    }

    /// The definition, written out: channel `j` of frame `t` stands in row `t + j`.
    private func slowUnshift(_ grid: TokenGrid, pads: [Int32], start: Int32) -> CodeMatrix {
        let channels = grid.channels
        let telling = channels > 1 ? 1 : 0
        let whole = (0...grid.rows - channels).map { frame in (0..<channels).map { grid[frame + $0, $0] } }
        let length = (whole.lastIndex { $0[telling] != pads[telling] } ?? -1) + 1
        var codes = CodeMatrix(codebooks: channels)
        for frame in whole.prefix(length) {
            codes.append(frame: frame.enumerated().map { UInt16($1 - ($0 == 0 ? start : 0)) })
        }
        return codes
    }
}
