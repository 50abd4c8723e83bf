import Contracts
import DemoVoice
import Foundation
import Synchronization
import TestSupport
import Testing
import VoiceLibrary
import Voices

@Suite struct DemoSpeakersTests {
    private static let places = DemoVoicePlaces(environment: [:])

    @Test func areInTheLibraryFromTheFirstStartOn() async throws {
        let fixture = try VoicesFixture()
        await VoicesStart.offerDemoSpeakers(to: fixture.library, from: Self.places, logger: fixture.logger)
        let speakers = try DemoVoice(Self.places).speakers()
        let voices = try await fixture.library.voices().voices
        #expect(Set(voices.map(\.name)) == Set(speakers.map(\.name)))
        for voice in voices {
            #expect(voice.isBuiltin)
            #expect(voice.durationSeconds > 1)
            #expect(voice.sampleRate > 0)
        }
    }

    @Test func leaveTheServiceUsableWhereTheModelIsMissing() async throws {
        let fixture = try VoicesFixture()
        let nowhere = DemoVoicePlaces(folders: [fixture.scratch.url], environment: [:])
        await VoicesStart.offerDemoSpeakers(to: fixture.library, from: nowhere, logger: fixture.logger)
        #expect(try await fixture.library.voices().voices.isEmpty)
        _ = try await fixture.add(Sound.request())
    }

    /// The suite starts its processes in any order, so the codec may come later.
    @Test func getTheirCodesOnceACodecIsThere() async throws {
        let unavailable = Result<EncodeResponse, CallError>.failure(CallError(.unavailable, "not yet"))
        let fixture = try VoicesFixture(codec: FakeCodec([unavailable, unavailable, .success(FakeCodec.response())]))
        await VoicesStart.offerDemoSpeakers(to: fixture.library, from: Self.places, logger: fixture.logger)
        let pauses = Mutex<[Duration]>([])
        let encoding = MissingCodes(library: fixture.library, codec: fixture.codec, logger: fixture.logger) { pause in
            pauses.withLock { $0.append(pause) }
            // What comes after the codes is a wait for the end.
            if pause == MissingCodes.pauseMax { withUnsafeCurrentTask { $0?.cancel() } }
        }
        // In a task of its own, because its end is to be cancelled.
        await Task { await encoding.run() }.value
        let voices = try await fixture.library.voices().voices
        #expect(!voices.isEmpty)
        #expect(voices.map(\.codecHashes) == voices.map { _ in [FakeCodec.hash] })
        #expect(pauses.withLock { $0 } == [.seconds(1), .seconds(2), MissingCodes.pauseMax])
        // Nothing is left to ask for.
        let heard = fixture.codec.heard.count
        #expect(try await encoding.encodeAll())
        #expect(fixture.codec.heard.count == heard)
    }

    @Test func doNotStopForOneThatACodecRefuses() async throws {
        let refusal = Result<EncodeResponse, CallError>.failure(CallError(.invalidArgument, "no sound"))
        let fixture = try VoicesFixture(codec: FakeCodec([refusal, .success(FakeCodec.response())]))
        await VoicesStart.offerDemoSpeakers(to: fixture.library, from: Self.places, logger: fixture.logger)
        let encoding = MissingCodes(library: fixture.library, codec: fixture.codec, logger: fixture.logger)
        #expect(try await encoding.encodeAll())
        let voices = try await fixture.library.voices().voices
        #expect(voices.filter(\.codecHashes.isEmpty).count == 1)
    }
}

@Suite struct PromptFactsTests {
    @Test(arguments: [(1.0, 8_000), (2.5, 44_100), (30.0, 16_000)])
    func measureWhatIsInTheFile(seconds: Double, sampleRate: Int) throws {
        let facts = try PromptFacts(of: Sound.wav(seconds: seconds, sampleRate: sampleRate))
        #expect(facts.durationSeconds == seconds)
        #expect(facts.sampleRate == sampleRate)
    }

    /// A header may promise more than the file has.
    @Test func countWhatIsThere() throws {
        let whole = Sound.wav(seconds: 4)
        let facts = try PromptFacts(of: Array(whole.prefix(44 + 2 * 16_000 * 2)))
        #expect(facts.durationSeconds == 2)
    }
}
