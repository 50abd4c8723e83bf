import Foundation
import TestSupport
import Testing
import VoiceLibrary

@Suite struct VoiceLifeTests {
    @Test func givesBackWhatWasAdded() async throws {
        let fixture = try LibraryFixture()
        let given = Sample.voice("Anna", transcript: "今天天气很热。", language: "zh", codes: Sample.encoded(1))
        let added = try await fixture.library.add(given)
        #expect(added.name == "Anna")
        #expect(added.transcript == given.transcript)
        #expect(added.language == "zh")
        #expect(added.audioBytes == given.audio.count)
        #expect(added.durationSeconds == given.durationSeconds)
        #expect(added.sampleRate == given.sampleRate)
        #expect(added.codecHashes == [Sample.codec])
        #expect(!added.isBuiltin)
        #expect(added.createdAt == "2023-11-14T22:13:21Z")
        #expect(added.updatedAt == added.createdAt)
        #expect(try await fixture.library.voice("Anna") == added)
        #expect(try await fixture.library.voice(added.id) == added)
        #expect(try await fixture.library.audio(of: added.id) == given.audio)
    }

    /// FIPS 180-4's example, so that others can find a prompt by the hash that they know.
    @Test func namesSoundByItsSHA256() async throws {
        let fixture = try LibraryFixture()
        var voice = Sample.voice("a")
        voice.audio = Array("abc".utf8)
        #expect(
            try await fixture.library.add(voice).audioHash
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test(arguments: ["anna", "ANNA", "Anna"]) func findsANameInAnyLetterCase(name: String) async throws {
        let fixture = try LibraryFixture()
        let added = try await fixture.library.add(Sample.voice("Anna"))
        #expect(try await fixture.library.voice(name) == added)
    }

    @Test(arguments: [("Anna", "anna"), ("straße", "STRASSE"), ("ΣΊΣΥΦΟΣ", "σίσυφος"), ("José", "JOSE\u{0301}")])
    func keepsNamesApartByMoreThanLetterCase(first: String, second: String) async throws {
        let fixture = try LibraryFixture()
        _ = try await fixture.library.add(Sample.voice(first))
        _ = try await fixture.library.add(Sample.voice("other"))
        let name = second.precomposedStringWithCanonicalMapping
        await #expect(throws: VoiceLibraryError.nameTaken(name: name)) {
            try await fixture.library.add(Sample.voice(second))
        }
        await #expect(throws: VoiceLibraryError.nameTaken(name: name)) {
            try await fixture.library.rename("other", to: second)
        }
        #expect(try await fixture.everyVoice().count == 2)
    }

    @Test(arguments: [
        "nobody", "", "a/b", "0123456789abcdef0123456789abcdef", "' OR 1=1 --", String(repeating: "x", count: 10_000),
    ]) func saysThatAVoiceIsNotThereWhateverItIsCalled(reference: String) async throws {
        let fixture = try LibraryFixture()
        _ = try await fixture.library.add(Sample.voice("Anna"))
        let expected = VoiceLibraryError.notFound(voice: String(reference.prefix(64)))
        await #expect(throws: expected) { try await fixture.library.voice(reference) }
        await #expect(throws: expected) { try await fixture.library.audio(of: reference) }
        await #expect(throws: expected) { try await fixture.library.rename(reference, to: "b") }
        await #expect(throws: expected) { try await fixture.library.remove(reference) }
        await #expect(throws: expected) { try await fixture.library.store(Sample.encoded(1), of: reference) }
        await #expect(throws: expected) {
            try await fixture.library.prompts(of: [reference], codecHash: Sample.codec, silenceSeconds: 0)
        }
    }

    @Test func keepsTheIdThroughRenamingAndReplacing() async throws {
        let fixture = try LibraryFixture()
        let added = try await fixture.library.add(Sample.voice("Anna"))
        let renamed = try await fixture.library.rename("anna", to: "Berta")
        #expect(renamed.id == added.id)
        #expect(renamed.createdAt == added.createdAt)
        #expect(renamed.updatedAt > added.updatedAt)
        let replaced = try await fixture.library.add(
            Sample.voice("BERTA", transcript: "Other words.", sound: 2), replacing: true)
        #expect(replaced.id == added.id)
        #expect(replaced.name == "BERTA")
        #expect(replaced.transcript == "Other words.")
        #expect(replaced.createdAt == added.createdAt)
        #expect(replaced.updatedAt > renamed.updatedAt)
        #expect(try await fixture.library.audio(of: "berta") == Sample.audio(2))
        #expect(try await fixture.everyVoice() == [replaced])
    }

    @Test func letsAVoiceChangeTheLetterCaseOfItsName() async throws {
        let fixture = try LibraryFixture()
        _ = try await fixture.library.add(Sample.voice("anna"))
        #expect(try await fixture.library.rename("anna", to: "ANNA").name == "ANNA")
    }

    @Test func freesANameWithItsVoice() async throws {
        let fixture = try LibraryFixture()
        let first = try await fixture.library.add(Sample.voice("Anna"))
        #expect(try await fixture.library.remove("Anna") == first)
        let second = try await fixture.library.add(Sample.voice("Anna"))
        #expect(second.id != first.id)
    }

    /// Two voices with one recording share it; it must outlive the first and not the second.
    @Test func keepsSharedSoundAndItsCodesUntilItsLastVoiceGoes() async throws {
        let fixture = try LibraryFixture()
        _ = try await fixture.library.add(Sample.voice("a", codes: Sample.encoded(1)))
        let second = try await fixture.library.add(Sample.voice("b"))
        #expect(second.codecHashes == [Sample.codec])
        _ = try await fixture.library.remove("a")
        #expect(try await fixture.library.audio(of: "b") == Sample.audio(1))
        #expect(try await fixture.library.voice("b").codecHashes == [Sample.codec])
        _ = try await fixture.library.remove("b")
        #expect(try await fixture.library.add(Sample.voice("c")).codecHashes.isEmpty)
    }

    @Test func keepsOwnCodesOfTheCodecsStoredLast() async throws {
        var limits = LibraryLimits()
        limits.codecsPerVoice = 2
        let fixture = try LibraryFixture(limits: limits)
        _ = try await fixture.library.add(Sample.voice("a", codes: Sample.encoded(1, codec: "aa")))
        _ = try await fixture.library.store(Sample.encoded(2, codec: "bb"), of: "a")
        _ = try await fixture.library.store(Sample.encoded(3, codec: "aa"), of: "a")
        let voice = try await fixture.library.store(Sample.encoded(4, codec: "cc"), of: "a")
        #expect(voice.codecHashes == ["aa", "cc"])
    }

    /// Of many that come at once under one name, one is told that it was added, and the others that it was not.
    @Test func addsOneOfManyVoicesThatClaimAName() async throws {
        let fixture = try LibraryFixture()
        let library = fixture.library
        let winners = await withTaskGroup(of: Voice?.self) { group in
            for sound in UInt8(1)...8 {
                group.addTask { try? await library.add(Sample.voice(sound % 2 == 0 ? "Anna" : "anna", sound: sound)) }
            }
            return await group.reduce(into: [Voice]()) { if let voice = $1 { $0.append(voice) } }
        }
        #expect(winners.count == 1)
        #expect(try await fixture.everyVoice() == winners)
    }

    @Test func keepsEverythingThroughARestart() async throws {
        let fixture = try LibraryFixture()
        for (number, name) in ["Anna", "李雷", "zoë"].enumerated() {
            _ = try await fixture.library.add(
                Sample.voice(name, sound: UInt8(number), codes: Sample.encoded(UInt16(number))))
        }
        _ = try await fixture.library.rename("Anna", to: "Berta")
        let cast = try await fixture.library.prompts(
            of: ["Berta", "zoë"], codecHash: Sample.codec, silenceSeconds: 0.5)
        let codes = CastCodes(joined: Sample.codes(9), reference: Sample.codes(10))
        try await fixture.library.store(codes, key: cast.key, codecHash: Sample.codec)
        let before = try await fixture.everyVoice()
        try fixture.reopen()
        #expect(try await fixture.everyVoice() == before)
        #expect(try await fixture.library.audio(of: "zoë") == Sample.audio(2))
        let again = try await fixture.library.prompts(
            of: ["Berta", "zoë"], codecHash: Sample.codec, silenceSeconds: 0.5)
        #expect(again.codes == codes)
    }
}
