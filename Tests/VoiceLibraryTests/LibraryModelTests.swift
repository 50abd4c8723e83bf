import TestSupport
import Testing
import VoiceLibrary

@Suite struct LibraryModelTests {
    /// Any sequence of operations leaves what the same operations leave in plain dictionaries.
    @Test(arguments: UInt64(1)...8) func holdsWhatAModelInMemoryHolds(seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let fixture = try LibraryFixture()
        var model = LibraryModel()
        for step in 0..<80 {
            let operation = LibraryModel.randomOperation(&random)
            let place: Comment = "seed \(seed), step \(step): \(operation)"
            let expected = model.apply(operation)
            #expect(try await perform(operation, on: fixture) == expected, place)
            try await compare(fixture, model, place)
        }
        #expect(!model.entries.isEmpty)
    }

    private func perform(_ operation: LibraryModel.Operation, on fixture: LibraryFixture) async throws
        -> LibraryModel.Outcome
    {
        let library = fixture.library
        do {
            switch operation {
            case .add(let name, let sound, let transcript, let codec, let replacing):
                let codes = codec.map { Sample.encoded(UInt16(sound), codec: $0) }
                _ = try await library.add(
                    Sample.voice(name, transcript: transcript, sound: sound, codes: codes), replacing: replacing)
            case .rename(let old, let new): _ = try await library.rename(old, to: new)
            case .remove(let name): _ = try await library.remove(name)
            case .storeOwnCodes(let name, let codec):
                _ = try await library.store(Sample.encoded(1, codec: codec), of: name)
            case .storeCastCodes(let names, let code):
                let cast = try await library.prompts(of: names, codecHash: "aa", silenceSeconds: 0)
                try await library.store(
                    CastCodes(joined: Sample.codes(code)), key: cast.key, codecHash: "aa")
            case .reopen: try fixture.reopen()
            }
            return .done
        } catch VoiceLibraryError.nameTaken {
            return .nameTaken
        } catch VoiceLibraryError.notFound {
            return .notFound
        }
    }

    private func compare(_ fixture: LibraryFixture, _ model: LibraryModel, _ place: Comment) async throws {
        let voices = try await fixture.everyVoice(pageSize: 2)
        #expect(voices.map(\.name) == model.listing.map(\.name), place)
        #expect(voices.map(\.transcript) == model.listing.map(\.transcript), place)
        #expect(voices.map { Set($0.codecHashes) } == model.listing.map { model.ownCodecs[$0.sound] ?? [] }, place)
        for (voice, entry) in zip(voices, model.listing) {
            #expect(try await fixture.library.audio(of: voice.id) == Sample.audio(entry.sound), place)
        }
        for (sounds, code) in model.castCodes {
            let names = sounds.compactMap { sound in model.listing.first { $0.sound == sound }?.name }
            let cast = try await fixture.library.prompts(of: names, codecHash: "aa", silenceSeconds: 0)
            #expect(cast.codes?.joined == Sample.codes(code), place)
        }
    }
}
