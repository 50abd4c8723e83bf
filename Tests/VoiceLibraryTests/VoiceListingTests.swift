import Foundation
import TestSupport
import Testing
import VoiceLibrary

@Suite struct VoiceListingTests {
    static let names = ["Zoe", "anna", "Ben", "clara-2", "clara", "李雷", "韩梅梅", "Ольга", "émile", "7of9"]

    @Test(arguments: 1...11) func givesEachVoiceOnOnePageWhateverThePageSize(size: Int) async throws {
        let fixture = try await listed()
        let voices = try await fixture.everyVoice(pageSize: size)
        #expect(voices.map(\.name) == (try await fixture.everyVoice()).map(\.name))
        #expect(Set(voices.map(\.name)) == Set(Self.names))
        #expect(voices.map(\.name).prefix(4) == ["7of9", "anna", "Ben", "clara"])
    }

    /// Somebody pages while others work: whoever is there throughout must be seen exactly once.
    @Test(arguments: [UInt64(1), 2, 3]) func losesNoVoiceToChangesBetweenPages(seed: UInt64) async throws {
        let fixture = try await listed()
        var random = SeededRandom(seed: seed)
        let staying = Set(Self.names.shuffled(using: &random).prefix(5))
        var changing = Set(Self.names).subtracting(staying)
        var seen: [String] = []
        var after: String?
        repeat {
            let page = try await fixture.library.voices(count: 2, after: after)
            seen += page.voices.map(\.name)
            after = page.next
            if let name = changing.popFirst() { _ = try await fixture.library.remove(name) }
            _ = try await fixture.library.add(Sample.voice("new\(seen.count)"))
        } while after != nil
        for name in staying { #expect(seen.filter { $0 == name }.count == 1, "\(name), seed \(seed)") }
        #expect(Set(seen).count == seen.count)
    }

    @Test func goesOnAfterANameThatIsGone() async throws {
        let fixture = try await listed()
        let page = try await fixture.library.voices(count: 2)
        let last = try #require(page.next)
        _ = try await fixture.library.remove(last)
        #expect(try await fixture.library.voices(count: 1, after: last).voices.map(\.name) == ["Ben"])
    }

    /// An index of three letters finds nothing for the two characters of most Chinese words.
    @Test(arguments: [
        ("世界", ["李雷"]), ("界", ["李雷"]), ("你好，世", ["李雷"]), ("梅", ["韩梅梅"]), ("", names),
        ("CLARA", ["clara", "clara-2"]), ("оль", ["Ольга"]), ("ÉM", ["émile"]), ("e\u{0301}m", ["émile"]),
        ("100%", ["Ben"]), ("%", ["Ben"]), ("_", ["Zoe"]), ("'", ["Zoe"]), ("nobody", []),
    ]) func findsWhatIsContainedHoweverShort(search: String, expected: [String]) async throws {
        let fixture = try await listed()
        #expect(Set(try await fixture.everyVoice(pageSize: 1, search: search).map(\.name)) == Set(expected))
    }

    @Test func findsARenamedVoiceByItsNewNameOnly() async throws {
        let fixture = try await listed()
        _ = try await fixture.library.rename("Zoe", to: "Xenia")
        #expect(try await fixture.everyVoice(search: "zoe").isEmpty)
        #expect(try await fixture.everyVoice(search: "xen").map(\.name) == ["Xenia"])
    }

    @Test func refusesAnEndlessSearch() async throws {
        let fixture = try LibraryFixture()
        await #expect(throws: VoiceLibraryError.tooLarge(field: "search", count: 100_000, limit: 256)) {
            try await fixture.library.voices(search: String(repeating: "x", count: 100_000))
        }
    }

    /// A page must fit into a message, whatever is asked for.
    @Test(arguments: [Int.min, -1, 0, 1, 3, 4, .max]) func keepsToThePageLimit(count: Int) async throws {
        var limits = LibraryLimits()
        limits.pageVoices = 3
        let fixture = try await listed(limits)
        let page = try await fixture.library.voices(count: count)
        #expect(page.voices.count == min(max(count, 1), 3))
        #expect(page.next == page.voices.last?.name)
    }

    private func listed(_ limits: LibraryLimits = LibraryLimits()) async throws -> LibraryFixture {
        let fixture = try LibraryFixture(limits: limits)
        let transcripts = ["李雷": "你好，世界！", "Ben": "I am 100% sure.", "Zoe": "snake_case isn't for people."]
        for name in Self.names {
            _ = try await fixture.library.add(Sample.voice(name, transcript: transcripts[name] ?? "Good morning."))
        }
        return fixture
    }
}
