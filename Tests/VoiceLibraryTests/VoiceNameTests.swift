import Foundation
import Testing
import VoiceLibrary

@Suite struct VoiceNameTests {
    @Test(arguments: [
        "a", "7", "Anna", "anna.2", "dr_no-1", "李雷", "Ольга", "محمد", "José", "हिन्दी", "한국어", "Ünïcode",
        String(repeating: "x", count: 64), String(repeating: "漢", count: 64),
    ]) func takesWordsOfAnyScript(name: String) throws {
        #expect(try VoiceName(name).text == name.precomposedStringWithCanonicalMapping)
    }

    @Test(arguments: [
        "", " ", "two words", "a/b", "a\\b", "../a", ".hidden", "-flag", "_x", "a\n", "a\0", "a:b", "a*", "😀",
        "a\u{200B}b", "\u{0301}a", "a\u{202E}b", "½", "a\u{FEFF}", "Ⅷ", "\u{E000}", "a,b", "\"a\"",
        String(repeating: "x", count: 65), String(repeating: "漢", count: 65), String(repeating: "x", count: 1 << 20),
        "0123456789abcdef0123456789abcdef",
    ]) func refusesWhatIsNoNameAndSaysWhichFieldItIs(name: String) {
        let error = #expect(throws: VoiceLibraryError.self) { try VoiceName(name) }
        guard case .invalid("name", let reason) = error else {
            Issue.record("\(String(describing: error)) is not about the name")
            return
        }
        #expect(!reason.isEmpty)
    }

    /// A voice that was added on a Mac, which decomposes, is the one that is asked for on Linux.
    @Test func isTheSameHoweverItsAccentsAreWritten() throws {
        #expect(try VoiceName("Jose\u{0301}") == VoiceName("Jos\u{00E9}"))
        #expect(try VoiceName("\u{1112}\u{1161}\u{11AB}").text.unicodeScalars.count == 1)
        // 64 letters that take 128 scalars before they are composed.
        #expect(try VoiceName(String(repeating: "e\u{0301}", count: 64)).text.unicodeScalars.count == 64)
    }
}
