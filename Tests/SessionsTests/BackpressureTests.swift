import Contracts
import Sessions
import Testing

/// A slow client slows the decoder, and a slow decoder the generator; nothing piles up between them.
@Suite struct BackpressureTests {
    private func generating() throws -> SpeakSession {
        var session = try SpeakSession(
            SampleDialogue.request(voices: []), models: try SampleDialogue.models(), chosenSeed: 1)
        _ = session.start()
        _ = session.handle(.promptBuilt(SampleDialogue.built()), at: .zero)
        return session
    }

    /// The client never takes its first item.
    @Test func asksForNoMoreSoundThanTheClientTakes() throws {
        var session = try generating()
        _ = session.handle(.frames(FramesItem(codes: SampleDialogue.frames(0..<9), firstFrame: 0)), at: .zero)
        var taken = 0
        while taken < 100 {
            let directives = session.handle(.audio(AudioItem(samples: [Float(taken)])), at: .zero)
            taken += 1
            guard directives.contains(.takeAudio) else { break }
        }
        #expect(taken == 2, "two pieces wait, and no third is asked for")
        let after = session.handle(.itemSent, at: .zero)
        #expect(after.contains(.takeAudio), "room is used again")
    }

    /// The decoder never takes its first codes.
    @Test func asksForNoMoreFramesThanTheDecoderTakes() throws {
        var session = try generating()
        var made = 0
        while made < 100_000 {
            let item = FramesItem(codes: SampleDialogue.frames(made..<made + 10), firstFrame: made)
            made += 10
            guard session.handle(.frames(item), at: .zero).contains(.takeFrames) else { break }
        }
        #expect(made <= 10 + 256 + 10)
        let after = session.handle(.codesSent, at: .zero)
        #expect(after.contains(.takeFrames))
        guard case .sendCodes(let item) = after.first else {
            Issue.record("\(after)")
            return
        }
        #expect(item.codes == SampleDialogue.frames(10..<made), "what waited goes in one piece")
    }

    /// Progress alone is told now and then, not for every frame.
    @Test func tellsProgressFiveTimesASecondAtMost() throws {
        var session = try generating()
        var told = 0
        for frame in 0..<100 {
            let elapsed = Duration.milliseconds(frame * 20)
            let item = FramesItem(codes: SampleDialogue.frames(frame..<frame + 1), firstFrame: frame)
            for directive in session.handle(.frames(item), at: elapsed) + session.handle(.codesSent, at: elapsed) {
                guard case .emit(let item) = directive else { continue }
                told += 1
                #expect(item.samples.isEmpty)
                _ = session.handle(.itemSent, at: elapsed)
            }
            told += session.handle(.itemSent, at: elapsed).filter { if case .emit = $0 { true } else { false } }.count
        }
        #expect((9...12).contains(told), "two seconds have ten fifths, and a stage or two")
    }
}
