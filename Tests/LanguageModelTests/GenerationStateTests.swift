import Checkpoint
import LanguageModel
import TestSupport
import Testing
import Tokens

/// The delay's rules step by step, for a model of four channels: three tail rows.
@Suite struct GenerationStateTests {
    private let configuration: LanguageModelConfiguration
    private let pad: Int32
    private let speech: Int32 = 200

    init() throws {
        configuration = try SmallModels.configuration()
        pad = Int32(configuration.speechPadToken)
    }

    private func state(frames: Int = 10, penalty: Double? = nil) -> GenerationState {
        var request = SmallModels.request(configuration, rows: 5, frames: frames)
        for channel in request.sampling.indices { request.sampling[channel].repetitionPenalty = penalty }
        return GenerationState(request, configuration)
    }

    @Test func blocksTheEndWhileTheTailIsReadAndThePadAfterwards() {
        var state = state()
        var blocked: [[Int32?]] = []
        for _ in 0..<5 {
            blocked.append((0..<4).map(state.blocked))
            _ = state.accept([speech, 1, 2, 3])
        }
        #expect(
            blocked == [
                [250, nil, nil, nil], [250, pad, nil, nil], [250, pad, pad, nil], [nil, pad, pad, pad],
                [nil, pad, pad, pad],
            ])
    }

    @Test func writesTheTailOverWhatWasChosen() {
        var state = state()
        #expect(state.accept([speech, 1, 2, 3]).row == [speech, pad, pad, pad])
        #expect(state.accept([speech, 1, 2, 3]).row == [speech, 1, pad, pad])
        #expect(state.accept([speech, 1, 2, 3]).row == [speech, 1, 2, pad])
        #expect(state.accept([speech, 1, 2, 3]).row == [speech, 1, 2, 3])
    }

    @Test func tellsAFrameWithItsLastCode() {
        var state = state()
        let frames = (0..<6).map { step in
            let step = Int32(step)
            return state.accept([speech + step, 10 + step, 20 + step, 30 + step]).frame
        }
        #expect(frames == [nil, nil, nil, [0, 11, 22, 33], [1, 12, 23, 34], [2, 13, 24, 35]])
    }

    @Test func runsOutChannelByChannelBehindTheEnd() {
        var state = state()
        for _ in 0..<4 { _ = state.accept([speech, 1, 2, 3]) }
        let end = state.accept([7, 1, 2, 3])
        #expect(end.row == [7, 1, 2, 3])
        let filler = Int32(configuration.endToken)
        let rest = (0..<2).map { _ in state.accept([speech, 1, 2, 3]) }
        #expect(rest.map(\.row) == [[filler, pad, 2, 3], [filler, pad, pad, 3]])
        #expect([end.finish, rest[0].finish, rest[1].finish] == [nil, nil, .endOfSpeech])
        // Four rows of speech before the end: four frames, the last of them in the last row.
        #expect([end.frame, rest[0].frame, rest[1].frame] == Array(repeating: [0, 1, 2, 3], count: 3))
    }

    @Test func anEndAtOnceGivesNoFrame() {
        var state = state()
        let accepted = (0..<3).map { _ in state.accept([7, 1, 2, 3]) }
        #expect(accepted.allSatisfy { $0.frame == nil })
        #expect(accepted.map(\.finish) == [nil, nil, .endOfSpeech])
    }

    /// The limit counts frames; an end shortly before it still runs out behind it.
    @Test func theLimitStopsUnlessTheEndIsUnderWay() {
        var limited = state(frames: 2)
        #expect((0..<5).map { _ in limited.accept([speech, 1, 2, 3]).finish } == [nil, nil, nil, nil, .length])
        var ending = state(frames: 2)
        for _ in 0..<4 { _ = ending.accept([speech, 1, 2, 3]) }
        #expect((0..<3).map { _ in ending.accept([7, 1, 2, 3]).finish } == [nil, nil, .endOfSpeech])
    }

    @Test func historyHoldsEachIDOfPromptAndRowsOnce() {
        var state = state(penalty: 1.5)
        _ = state.accept([speech, 1, 2, 3])
        _ = state.accept([speech, 1, 2, 3])
        #expect(state.history(1) == [pad, 1])
        #expect(state.history(3) == [pad])
        #expect(state.history(0).count == Set(state.history(0)).count)
        #expect(state.history(0).last == speech)
        #expect(self.state(penalty: nil).history(0).isEmpty)
    }
}
