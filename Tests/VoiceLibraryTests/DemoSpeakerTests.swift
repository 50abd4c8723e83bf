import Testing
import VoiceLibrary

@Suite struct DemoSpeakerTests {
    private static let speakers = [Sample.voice("anna", sound: 1), Sample.voice("david", sound: 2)]

    @Test func bringsTheSpeakersInOnceAndMarksThem() async throws {
        let fixture = try LibraryFixture()
        #expect(try await fixture.library.offerDemoSpeakers(Self.speakers) == 2)
        let voices = try await fixture.everyVoice()
        #expect(voices.map(\.name) == ["anna", "david"])
        #expect(voices.map(\.isBuiltin) == [true, true])
        #expect(try await fixture.library.offerDemoSpeakers(Self.speakers) == 0)
        #expect(try await fixture.everyVoice() == voices)
    }

    @Test func leavesARemovedSpeakerRemovedThroughRestartsAndNewerModels() async throws {
        let fixture = try LibraryFixture()
        _ = try await fixture.library.offerDemoSpeakers(Self.speakers)
        _ = try await fixture.library.remove("anna")
        try fixture.reopen()
        #expect(try await fixture.library.offerDemoSpeakers(Self.speakers) == 0)
        #expect(try await fixture.library.offerDemoSpeakers([Sample.voice("anna", sound: 7)]) == 0)
        #expect(try await fixture.everyVoice().map(\.name) == ["david"])
    }

    @Test func leavesARenamedSpeakerAsItIs() async throws {
        let fixture = try LibraryFixture()
        _ = try await fixture.library.offerDemoSpeakers(Self.speakers)
        let renamed = try await fixture.library.rename("anna", to: "berta")
        #expect(try await fixture.library.offerDemoSpeakers([Sample.voice("anna", sound: 7)]) == 0)
        #expect(try await fixture.library.voice("berta") == renamed)
        #expect(try await fixture.everyVoice().map(\.name) == ["berta", "david"])
    }

    @Test func followsANewerModelWhereNobodyTouchedTheVoice() async throws {
        let fixture = try LibraryFixture()
        _ = try await fixture.library.offerDemoSpeakers(Self.speakers)
        let before = try await fixture.library.voice("anna")
        let newer = [Sample.voice("anna", transcript: "New words.", sound: 7), Self.speakers[1]]
        #expect(try await fixture.library.offerDemoSpeakers(newer) == 1)
        let after = try await fixture.library.voice("anna")
        #expect(after.id == before.id)
        #expect(after.isBuiltin)
        #expect(after.transcript == "New words.")
        #expect(try await fixture.library.audio(of: "anna") == Sample.audio(7))
    }

    @Test func takesNoNameThatPeopleGave() async throws {
        let fixture = try LibraryFixture()
        let own = try await fixture.library.add(Sample.voice("Anna", sound: 5))
        #expect(try await fixture.library.offerDemoSpeakers(Self.speakers) == 1)
        #expect(try await fixture.library.voice("anna") == own)
        #expect(!own.isBuiltin)
    }

    @Test func makesAReplacedSpeakerPeoplesOwn() async throws {
        let fixture = try LibraryFixture()
        _ = try await fixture.library.offerDemoSpeakers(Self.speakers)
        let own = try await fixture.library.add(Sample.voice("anna", sound: 5), replacing: true)
        #expect(!own.isBuiltin)
        #expect(try await fixture.library.offerDemoSpeakers([Sample.voice("anna", sound: 7)]) == 0)
        #expect(try await fixture.library.voice("anna") == own)
    }
}
