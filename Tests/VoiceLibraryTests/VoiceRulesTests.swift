import Foundation
import Testing
import VoiceLibrary

/// What a voice may be, told by what `add` takes and refuses.
@Suite struct VoiceRulesTests {
    @Test(arguments: ["", "en", "zh", "zh-TW", "yue-Hant-HK", "de-CH-1996"])
    func takesLanguageTags(language: String) async throws {
        let fixture = try LibraryFixture()
        #expect(try await fixture.library.add(Sample.voice("a", language: language)).language == language)
    }

    @Test(arguments: [
        "e", "x-klingon", "english language", "en_US", "-en", "en-", "en--US", "12", "ünd", "en-toolongsubtag",
        String(repeating: "en-", count: 20) + "en",
    ]) func refusesWhatIsNoLanguageTag(language: String) async throws {
        try await expectInvalid("language", Sample.voice("a", language: language))
    }

    @Test(arguments: ["", " \n\t", "a\0b", "bell\u{07}", "[S1]Hello.", "Hello.[S2] You.", "[S12]"])
    func refusesWhatIsNoTranscript(transcript: String) async throws {
        try await expectInvalid("transcript", Sample.voice("a", transcript: transcript))
    }

    @Test(arguments: ["[laughs] Hello.", "S1 said [S", "[S1", "[Sx]", "line\nbreak", "今天天气很热。", "[[S]]"])
    func takesTextWithBracketsThatAreNoTag(transcript: String) async throws {
        let fixture = try LibraryFixture()
        #expect(try await fixture.library.add(Sample.voice("a", transcript: transcript)).transcript == transcript)
    }

    @Test func keepsTheTranscriptWithoutSpaceAroundIt() async throws {
        let fixture = try LibraryFixture()
        let voice = try await fixture.library.add(Sample.voice("a", transcript: "  Good morning. \n"))
        #expect(voice.transcript == "Good morning.")
    }

    @Test func holdsTheTranscriptToItsLimitOnBothSides() async throws {
        let fixture = try LibraryFixture()
        let most = String(repeating: "漢", count: fixture.limits.transcriptScalars)
        #expect(try await fixture.library.add(Sample.voice("a", transcript: most)).transcript == most)
        await #expect(
            throws: VoiceLibraryError.tooLarge(
                field: "transcript", count: fixture.limits.transcriptScalars + 1,
                limit: fixture.limits.transcriptScalars)
        ) { try await fixture.library.add(Sample.voice("b", transcript: most + "漢")) }
    }

    @Test func holdsTheSoundToItsLimitOnBothSides() async throws {
        var limits = LibraryLimits()
        limits.audioBytes = Sample.audio(1).count
        let fixture = try LibraryFixture(limits: limits)
        _ = try await fixture.library.add(Sample.voice("a"))
        var larger = Sample.voice("b")
        larger.audio.append(0)
        await #expect(
            throws: VoiceLibraryError.tooLarge(
                field: "audio", count: limits.audioBytes + 1, limit: limits.audioBytes)
        ) { try await fixture.library.add(larger) }
        var empty = Sample.voice("c")
        empty.audio = []
        try await expectInvalid("audio", empty)
    }

    @Test(arguments: [(0.99, false), (1.0, true), (30.0, true), (30.01, false), (.nan, false), (-.infinity, false)])
    func holdsThePromptToItsDuration(seconds: Double, isTaken: Bool) async throws {
        let fixture = try LibraryFixture()
        var voice = Sample.voice("a")
        voice.durationSeconds = seconds
        guard !isTaken else {
            #expect(try await fixture.library.add(voice).durationSeconds == seconds)
            return
        }
        let error = await #expect(throws: VoiceLibraryError.self) { try await fixture.library.add(voice) }
        guard case .unsuitablePrompt = error else {
            Issue.record("\(String(describing: error)) is not about the prompt")
            return
        }
    }

    @Test func refusesCodesThatAreNone() async throws {
        let noFrame = EncodedPrompt(codecHash: Sample.codec, codes: Sample.codes(1, frames: 0))
        try await expectInvalid("codes", Sample.voice("a", codes: noFrame))
        for hash in ["", "XYZ", String(repeating: "a", count: 129), "c0'; DROP TABLE voice; --"] {
            try await expectInvalid(
                "codec_hash", Sample.voice("a", codes: EncodedPrompt(codecHash: hash, codes: Sample.codes(1))))
        }
        try await expectInvalid(
            "codebooks",
            Sample.voice("a", codes: EncodedPrompt(codecHash: "c0", codes: Sample.codes(1, codebooks: 65))))
    }

    @Test func takesVoicesUpToItsLimitAndAgainAfterARemoval() async throws {
        var limits = LibraryLimits()
        limits.voices = 2
        let fixture = try LibraryFixture(limits: limits)
        _ = try await fixture.library.add(Sample.voice("a"))
        _ = try await fixture.library.add(Sample.voice("b"))
        await #expect(throws: VoiceLibraryError.full(limit: 2)) { try await fixture.library.add(Sample.voice("c")) }
        await #expect(throws: VoiceLibraryError.full(limit: 2)) { try await checkAddable(fixture, "c") }
        await #expect(throws: VoiceLibraryError.nameTaken(name: "B")) { try await checkAddable(fixture, "B") }
        try await checkAddable(fixture, "B", replacing: true)
        _ = try await fixture.library.add(Sample.voice("b", sound: 2), replacing: true)
        _ = try await fixture.library.remove("a")
        _ = try await fixture.library.add(Sample.voice("c"))
        #expect(try await fixture.everyVoice().map(\.name) == ["b", "c"])
    }

    private func checkAddable(_ fixture: LibraryFixture, _ name: String, replacing: Bool = false) async throws {
        try await fixture.library.checkAddable(
            name: name, transcript: "Good morning.", language: "en", audio: [1], replacing: replacing)
    }

    private func expectInvalid(_ field: String, _ voice: NewVoice) async throws {
        let fixture = try LibraryFixture()
        let error = await #expect(throws: VoiceLibraryError.self) { try await fixture.library.add(voice) }
        guard case .invalid(let named, let reason) = error else {
            Issue.record("\(String(describing: error)) is not about \(field)")
            return
        }
        #expect(named == field)
        #expect(!reason.isEmpty)
        #expect(try await fixture.everyVoice().isEmpty)
    }
}

@Suite struct PromptSuitabilityTests {
    @Test func takesUsualSpeechWithoutAWord() throws {
        #expect(try PromptSuitability.check(durationSeconds: 8, peak: 0.7, rms: 0.08).isEmpty)
    }

    @Test(arguments: [(Float(1.0), Float(0.2)), (0.999, 0.1), (1.7, 0.4), (0.02, 0.004)])
    func warnsOfClippedAndOfQuietPromptsAndSaysWhatToDo(peak: Float, rms: Float) throws {
        let warnings = try PromptSuitability.check(durationSeconds: 8, peak: peak, rms: rms)
        #expect(warnings.count == 1)
        #expect(warnings.allSatisfy { $0.contains("record again") })
    }

    @Test(arguments: [(Float(0), Float(0)), (0.01, 0.0009), (.nan, 0.1), (0.5, .nan), (.infinity, .infinity)])
    func refusesPromptsInWhichNobodyIsHeard(peak: Float, rms: Float) {
        #expect(throws: VoiceLibraryError.self) {
            try PromptSuitability.check(durationSeconds: 8, peak: peak, rms: rms)
        }
    }
}
