import TestSupport
import Testing
import Tokens
import VoiceLibrary

@Suite struct CastTests {
    @Test func givesSoundUntilCodesAndReferenceAreKnown() async throws {
        let fixture = try await withVoices()
        let first = try await prompts(fixture, ["b", "a"])
        #expect(first.voices.map(\.name) == ["b", "a"])
        #expect(first.audio == [Sample.audio(2), Sample.audio(1)])
        #expect(first.codes == nil)

        let plain = CastCodes(joined: Sample.codes(1))
        try await fixture.library.store(plain, key: first.key, codecHash: Sample.codec)
        let second = try await prompts(fixture, ["b", "a"])
        #expect(second.codes == plain)
        #expect(second.audio == first.audio)

        let whole = CastCodes(joined: Sample.codes(1), reference: Sample.codes(2, frames: 7))
        try await fixture.library.store(whole, key: first.key, codecHash: Sample.codec)
        let third = try await prompts(fixture, ["b", "a"])
        #expect(third.codes == whole)
        #expect(third.audio.isEmpty)
        #expect(third.key == first.key)
    }

    /// The encoder sees across the joint, so every one of these is other sound, and has other codes.
    @Test func tellsCastsApartByOrderVoicesSilenceAndCodec() async throws {
        let fixture = try await withVoices()
        let known = try await prompts(fixture, ["a", "b"])
        try await fixture.library.store(
            CastCodes(joined: Sample.codes(1)), key: known.key, codecHash: Sample.codec)
        var keys = [known.key]
        for (names, silence) in [
            (["b", "a"], 0.0), (["a"], 0), (["a", "a"], 0), (["a", "b"], 0.1), (["a", "b", "c"], 0),
        ] {
            let other = try await prompts(fixture, names, silence: silence)
            #expect(other.codes == nil)
            keys.append(other.key)
        }
        #expect(Set(keys).count == keys.count)
        #expect(try await prompts(fixture, ["a", "b"], codec: Sample.otherCodec).codes == nil)
        #expect(try await prompts(fixture, ["a", "b"], silence: -0.0).codes != nil)
    }

    /// The sound makes the codes, so renaming does not lose them and replacing does.
    @Test func followsTheSoundAndNotTheName() async throws {
        let fixture = try await withVoices()
        let cast = try await prompts(fixture, ["a", "b"])
        let codes = CastCodes(joined: Sample.codes(1))
        try await fixture.library.store(codes, key: cast.key, codecHash: Sample.codec)
        _ = try await fixture.library.rename("a", to: "renamed")
        #expect(try await prompts(fixture, ["renamed", "b"]).codes == codes)
        _ = try await fixture.library.add(Sample.voice("b", sound: 9), replacing: true)
        #expect(try await prompts(fixture, ["renamed", "b"]).codes == nil)
    }

    @Test func dropsCodesWithTheSoundTheyWereMadeOf() async throws {
        let fixture = try await withVoices()
        let cast = try await prompts(fixture, ["a", "b"])
        _ = try await fixture.library.remove("a")
        await #expect(throws: VoiceLibraryError.unknownCast(key: cast.key)) {
            try await fixture.library.store(
                CastCodes(joined: Sample.codes(1)), key: cast.key, codecHash: Sample.codec)
        }
    }

    /// For casts of which a part is not from the library: only the sound is of use.
    @Test func givesSoundAloneWhereNoCodesAreWanted() async throws {
        let fixture = try await withVoices()
        try await storeCodes(fixture, ["a"])
        let cast = try await fixture.library.prompts(of: ["a"], codecHash: nil, silenceSeconds: 0)
        #expect(cast.codes == nil)
        #expect(cast.audio == [Sample.audio(1)])
    }

    @Test func dropsTheOldestCastsPastTheirNumber() async throws {
        var limits = LibraryLimits()
        limits.casts = 2
        let fixture = try await withVoices(limits)
        for names in [["a"], ["b"], ["c"]] { try await storeCodes(fixture, names) }
        #expect(try await prompts(fixture, ["b"]).codes != nil)
        #expect(try await prompts(fixture, ["c"]).codes != nil)
        #expect(try await prompts(fixture, ["a"]).codes == nil)
    }

    @Test func dropsTheOldestCastsPastTheirBytes() async throws {
        var limits = LibraryLimits()
        // Each holds 5 frames of 3 codes of 2 bytes.
        limits.castCodeBytes = 60
        let fixture = try await withVoices(limits)
        for names in [["a"], ["b"], ["c"]] { try await storeCodes(fixture, names) }
        #expect(try await prompts(fixture, ["b"]).codes != nil)
        #expect(try await prompts(fixture, ["c"]).codes != nil)
        #expect(try await prompts(fixture, ["a"]).codes == nil)
    }

    @Test func keepsTheNewestCastEvenWhereItAloneIsTooLarge() async throws {
        var limits = LibraryLimits()
        limits.castCodeBytes = 1
        let fixture = try await withVoices(limits)
        try await storeCodes(fixture, ["a"])
        #expect(try await prompts(fixture, ["a"]).codes != nil)
    }

    @Test(arguments: [0, 17]) func refusesCastsOfNobodyAndOfACrowd(count: Int) async throws {
        let fixture = try await withVoices()
        let error = await #expect(throws: VoiceLibraryError.self) {
            try await prompts(fixture, Array(repeating: "a", count: count))
        }
        #expect(error?.description.hasPrefix("voices:") == true)
    }

    @Test(arguments: [-0.1, 30.1, .nan, .infinity]) func refusesSilenceThatIsNone(seconds: Double) async throws {
        let fixture = try await withVoices()
        let error = await #expect(throws: VoiceLibraryError.self) {
            try await prompts(fixture, ["a"], silence: seconds)
        }
        #expect(error?.description.hasPrefix("silence_seconds:") == true)
    }

    @Test(arguments: ["", "key", String(repeating: "A", count: 64), String(repeating: "a", count: 63)])
    func refusesAKeyThatIsNone(key: String) async throws {
        let fixture = try await withVoices()
        let error = await #expect(throws: VoiceLibraryError.self) {
            try await fixture.library.store(CastCodes(joined: Sample.codes(1)), key: key, codecHash: Sample.codec)
        }
        #expect(error?.description.hasPrefix("key:") == true)
    }

    @Test func refusesAReferenceOfAnotherCodec() async throws {
        let fixture = try await withVoices()
        let cast = try await prompts(fixture, ["a"])
        let codes = CastCodes(joined: Sample.codes(1), reference: Sample.codes(1, codebooks: 4))
        let error = await #expect(throws: VoiceLibraryError.self) {
            try await fixture.library.store(codes, key: cast.key, codecHash: Sample.codec)
        }
        #expect(error?.description.hasPrefix("reference:") == true)
    }

    @Test func holdsCodesToTheirBytesOnBothSides() async throws {
        var limits = LibraryLimits()
        limits.codeBytes = 30
        let fixture = try await withVoices(limits)
        try await storeCodes(fixture, ["a"])
        let cast = try await prompts(fixture, ["a"])
        await #expect(throws: VoiceLibraryError.tooLarge(field: "codes", count: 36, limit: 30)) {
            try await fixture.library.store(
                CastCodes(joined: Sample.codes(1, frames: 6)), key: cast.key, codecHash: Sample.codec)
        }
    }

    private func withVoices(_ limits: LibraryLimits = LibraryLimits()) async throws -> LibraryFixture {
        let fixture = try LibraryFixture(limits: limits)
        for (number, name) in ["a", "b", "c"].enumerated() {
            _ = try await fixture.library.add(Sample.voice(name, sound: UInt8(number + 1)))
        }
        return fixture
    }

    private func prompts(
        _ fixture: LibraryFixture, _ names: [String], codec: String = Sample.codec, silence: Double = 0
    ) async throws -> CastPrompts {
        try await fixture.library.prompts(of: names, codecHash: codec, silenceSeconds: silence)
    }

    private func storeCodes(_ fixture: LibraryFixture, _ names: [String]) async throws {
        let cast = try await prompts(fixture, names)
        try await fixture.library.store(
            CastCodes(joined: Sample.codes(1)), key: cast.key, codecHash: Sample.codec)
    }
}
