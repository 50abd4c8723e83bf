import Dialogue
import Testing

@Suite struct ScriptTests {
    @Test func cutsTurnsAtTags() throws {
        let script = try Script("\n [S1] Hello,\nyou. [S2]早上好！[S1]Bye", speakers: 2, numericTags: false)
        #expect(script.turns.map(\.speaker) == [1, 2, 1])
        #expect(script.turns.map(\.text) == ["Hello,\nyou.", "早上好！", "Bye"])
        #expect(script.turns.map(\.place.description) == ["line 2, column 2", "line 3, column 6", "line 3, column 14"])
        #expect(script.speakers == [1, 2])
        #expect(script.warnings.isEmpty)
    }

    @Test(arguments: [
        ("", ScriptError.Problem.empty, 1, 1), (" \n\u{3000}", .empty, 1, 1), ("[S1] \n[S2]", .nothingSaid, 1, 1),
        ("Hi\n[S1]there", .textBeforeFirstTag, 1, 1), ("[S1]a\n [S3]b", .unknownSpeaker("[S3]", speakers: 2), 2, 2),
        ("[S0]a", .unknownSpeaker("[S0]", speakers: 2), 1, 1),
        ("[S99999999999999999999999]a", .unknownSpeaker("[S9999999999…", speakers: 2), 1, 1),
        ("[S1]a[S１]b", .oddDigits("[S１]"), 1, 6), ("[S01]b", .oddDigits("[S01]"), 1, 1),
        ("[S1]a\n[S2 b", .unclosedTag("[S2"), 2, 1), ("[S1[S2]a", .unclosedTag("[S1"), 1, 1),
        ("[S1", .unclosedTag("[S1"), 1, 1),
    ])
    func refusesWhatWouldNotBeSaidAsMeant(text: String, problem: ScriptError.Problem, line: Int, column: Int) {
        let error = #expect(throws: ScriptError.self) { try Script(text, speakers: 2, numericTags: false) }
        #expect(error?.problem == problem)
        #expect(error?.place.line == line)
        #expect(error?.place.column == column)
        #expect(error?.description.hasPrefix("line \(line), column \(column): ") == true)
    }

    @Test(arguments: [
        ("Hello", [ScriptWarning.Problem.noTags]), ("[S1][S2]a", [.emptyTurn]),
        ("[S1]a [s2]b", [.looksLikeTag("[s2]")]),
        ("[S1]a【S2】b［2］c", [.looksLikeTag("【S2】"), .looksLikeTag("［2］")]), ("[S1]a[2]b", [.looksLikeTag("[2]")]),
        ("[S1]a [laugh] [see 2] [笑]", []), ("[S1]a [S2E5] b", []), ("[S 1]x", [.looksLikeTag("[S 1]"), .noTags]),
    ])
    func warnsOfWhatMayBeMeantOtherwise(text: String, problems: [ScriptWarning.Problem]) throws {
        let script = try Script(text, speakers: 2, numericTags: false)
        #expect(script.warnings.map(\.problem) == problems)
    }

    @Test func takesNumbersForTagsWhereTheTextRulesDo() throws {
        let script = try Script("[1]a[2]b", speakers: 2, numericTags: true)
        #expect(script.turns.map(\.speaker) == [1, 2])
        #expect(throws: ScriptError.self) { try Script("[1]a[3]b", speakers: 2, numericTags: true) }
    }

    @Test func boundsLengthAndWarnings() throws {
        let error = #expect(throws: ScriptError.self) {
            try Script("[S1]aaaa", speakers: 2, numericTags: false, bytesMax: 7)
        }
        #expect(error?.problem == .tooLong(bytes: 8, bytesMax: 7))
        let script = try Script("[S1]" + String(repeating: "[s1]", count: 1000), speakers: 2, numericTags: false)
        #expect(script.warnings.count == Script.warningsMax)
    }
}
