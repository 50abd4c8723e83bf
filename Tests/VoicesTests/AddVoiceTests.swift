import Contracts
import Testing
import VoiceLibrary
import Voices

@Suite struct AddVoiceTests {
    @Test func keepsWhatTheCodecMadeOfThePrompt() async throws {
        let fixture = try VoicesFixture()
        let request = Sound.request()
        let response = try await fixture.add(request)
        #expect(fixture.codec.heard == [request.audio])
        #expect(response.warnings.isEmpty)
        #expect(response.voice.name == "anna")
        #expect(response.voice.durationSeconds == 4)
        #expect(response.voice.codecHashes == [FakeCodec.hash])
        #expect(response.voice.audioBytes == request.audio.count)
        #expect(try await fixture.library.audio(of: response.voice.id) == request.audio)
    }

    @Test func addsNothingWhereNoCodecIsAndPassesItsErrorOn() async throws {
        let error = CallError(.unavailable, "no codec", details: ["service": "codec"])
        let fixture = try VoicesFixture(codec: FakeCodec([.failure(error)]))
        await #expect(throws: error) { try await fixture.add(Sound.request()) }
        #expect(try await fixture.library.voices().voices.isEmpty)
    }

    @Test(arguments: [Float(1), 1.5]) func takesAClippedPromptWithAWarning(peak: Float) async throws {
        let fixture = try VoicesFixture(codec: FakeCodec([.success(FakeCodec.response(peak: peak))]))
        #expect(try await fixture.add(Sound.request()).warnings.count == 1)
        #expect(try await fixture.library.voices().voices.count == 1)
    }

    @Test func refusesAPromptInWhichNobodyIsHeard() async throws {
        let fixture = try VoicesFixture(codec: FakeCodec([.success(FakeCodec.response(peak: 0.001, rms: 0.0001))]))
        let error = await #expect(throws: CallError.self) { try await fixture.add(Sound.request()) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.details["field"] == "audio")
        #expect(try await fixture.library.voices().voices.isEmpty)
    }

    /// A codec's time is worth more than a look at the request.
    @Test(arguments: [
        (Sound.request("no/name"), CallError.Code.invalidArgument), (Sound.request("taken"), .alreadyExists),
        (Sound.request("TAKEN"), .alreadyExists), (Sound.request(transcript: " "), .invalidArgument),
        (Sound.request(audio: []), .invalidArgument), (Sound.request(audio: [1, 2, 3]), .invalidArgument),
        (Sound.request(audio: Sound.wav(seconds: 0.99)), .invalidArgument),
        (Sound.request(audio: Sound.wav(seconds: 30.01)), .invalidArgument),
    ]) func refusesWithoutAskingTheCodecWhatCanBeSeen(request: AddVoiceRequest, code: CallError.Code) async throws {
        let fixture = try VoicesFixture()
        _ = try await fixture.add(Sound.request("taken"))
        let error = await #expect(throws: CallError.self) { try await fixture.add(request) }
        #expect(error?.code == code)
        #expect(error?.retryable == false)
        #expect(fixture.codec.heard.count == 1)
    }

    @Test(arguments: [1.0, 30.0]) func takesPromptsAsShortAndAsLongAsAllowed(seconds: Double) async throws {
        let fixture = try VoicesFixture(codec: FakeCodec([.success(FakeCodec.response(durationSeconds: seconds))]))
        let response = try await fixture.add(Sound.request(audio: Sound.wav(seconds: seconds)))
        #expect(response.voice.durationSeconds == seconds)
    }

    @Test func replacesAVoiceWhenAllowed() async throws {
        let fixture = try VoicesFixture()
        let first = try await fixture.add(Sound.request())
        let second = try await fixture.add(Sound.request("ANNA", audio: Sound.wav(seconds: 3), replace: true))
        #expect(second.voice.id == first.voice.id)
        #expect(second.voice.audioHash != first.voice.audioHash)
    }
}
