import Contracts
import ServiceKit
import Testing
import Tokens
import VoiceLibrary
import Voices
import Wire

@Suite struct VoiceHandlersTests {
    @Test func answersEveryMethodOfItsService() throws {
        let fixture = try VoicesFixture()
        #expect(Set(fixture.handlers.methods.names) == Set(Methods.names.filter { $0.hasPrefix("voices.") }))
    }

    @Test func findsRenamesAndRemovesByNameOrId() async throws {
        let fixture = try VoicesFixture()
        let added = try await fixture.add(Sound.request()).voice
        #expect(try await fixture.handlers.get(VoiceRequest(voice: added.id)).voice == added)
        let renamed = try await fixture.handlers.rename(RenameVoiceRequest(voice: "ANNA", name: "berta")).voice
        #expect(renamed.id == added.id)
        #expect(try await fixture.handlers.remove(VoiceRequest(voice: "berta")).voice == renamed)
        let error = await #expect(throws: CallError.self) {
            try await fixture.handlers.answer("voices.Get") {
                try await fixture.handlers.get(VoiceRequest(voice: "berta"))
            }
        }
        #expect(error?.code == .notFound)
    }

    @Test func listsPageByPage() async throws {
        let fixture = try VoicesFixture()
        for name in ["c", "a", "b"] { _ = try await fixture.add(Sound.request(name)) }
        let first = try await fixture.handlers.list(ListVoicesRequest(limit: 2))
        #expect(first.voices.map(\.name) == ["a", "b"])
        let second = try await fixture.handlers.list(ListVoicesRequest(limit: 2, after: first.next ?? ""))
        #expect(second.voices.map(\.name) == ["c"])
        #expect(second.next == nil)
    }

    @Test func keepsTheCodesOfACast() async throws {
        let fixture = try VoicesFixture()
        for name in ["a", "b"] { _ = try await fixture.add(Sound.request(name)) }
        let request = PromptsRequest(voices: ["a", "b"], codecHash: FakeCodec.hash, silenceSeconds: 0.5)
        let unknown = try await fixture.handlers.prompts(request)
        #expect(unknown.codes == nil)
        #expect(unknown.audio.count == 2)
        let codes = CodeMatrix(codebooks: 2, codes: [9, 8, 7, 6])
        _ = try await fixture.handlers.storeCodes(
            StoreCodesRequest(key: unknown.key, codecHash: FakeCodec.hash, codes: codes, referenceCodes: codes))
        let known = try await fixture.handlers.prompts(request)
        #expect(known.codes == codes)
        #expect(known.referenceCodes == codes)
        #expect(known.audio.isEmpty)
        // As a cast of which one speaker brings a prompt of its own asks.
        let mixed = try await fixture.handlers.prompts(PromptsRequest(voices: ["a"], codecHash: ""))
        #expect(mixed.audio.count == 1)
    }

    /// Where a file lies and how it fails is this machine's business.
    @Test(arguments: [
        VoiceLibraryError.damaged(path: "/secret/voices.sqlite", reason: "page 3"),
        .inUse(path: "/secret/voices.sqlite", process: 1), .notALibrary(path: "/secret/voices.sqlite", reason: "r"),
        .newerLibrary(path: "/secret/voices.sqlite", migrations: ["002"]),
        .inaccessible(path: "/secret/voices.sqlite", reason: "r"), .diskFull(path: "/secret/voices.sqlite"),
        .storage(path: "/secret/voices.sqlite", reason: "r"), .closed(path: "/secret/voices.sqlite"),
    ]) func tellsCallersNothingOfTheFileAndTheOperatorAll(error: VoiceLibraryError) {
        #expect(!error.callError.message.contains("/secret"))
        #expect(!error.callError.details.values.contains { $0.contains("/secret") })
        #expect(error.failure.message.contains("/secret/voices.sqlite"))
    }

    @Test(arguments: [
        (VoiceLibraryError.invalid(field: "name", reason: "r"), CallError.Code.invalidArgument),
        (.nameTaken(name: "n"), .alreadyExists), (.notFound(voice: "v"), .notFound),
        (.unknownCast(key: "k"), .notFound), (.tooLarge(field: "f", count: 2, limit: 1), .tooLarge),
        (.full(limit: 1), .failedPrecondition), (.unsuitablePrompt(reason: "r"), .invalidArgument),
        (.cancelled, .cancelled), (.diskFull(path: "p"), .unavailable), (.closed(path: "p"), .unavailable),
        (.damaged(path: "p", reason: "r"), .internal),
    ]) func tellsEachErrorByItsCode(error: VoiceLibraryError, code: CallError.Code) {
        #expect(error.callError.code == code)
    }
}
