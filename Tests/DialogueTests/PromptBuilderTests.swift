import Dialogue
import TestSupport
import Testing
import Tokens

@Suite struct PromptBuilderTests {
    private func builder(version: DialogueVersion = .v07, added: [String]? = nil) throws -> PromptBuilder {
        var tiny = TinyTokenizer()
        if let added { tiny.added = added }
        return try PromptBuilder(
            tokenizer: tiny.tokenizer(), version: version,
            pattern: DelayPattern(textPad: 1000, speechPad: 1024, channels: 3, speechTokenStart: 2000))
    }

    /// The layout written out by hand: text rows with pads beside, then the codes, all shifted.
    @Test func laysTextAndCodesOut() throws {
        let builder = try builder()
        let codes = CodeMatrix(codebooks: 3, codes: [1, 2, 3, 4, 5, 6])
        let text = "<speaker1>ha"
        let ids = builder.tokenizer.encode(builder.layout.sequence(text))
        let rows = try builder.rows(sequence: builder.layout.sequence(text), promptCodes: codes)
        let textRows: [Int32] = ids.flatMap { [$0, 1024, 1024] as [Int32] }
        #expect(rows.ids == textRows + [2001, 2, 3, 2004, 5, 6])
        #expect(try builder.grid(script: "[S1]ha", promptCodes: codes) == builder.pattern.shift(rows))
    }

    /// Text must not speak in the model's own signs: not as written, nor as the text rules would make it.
    @Test(arguments: ["<|end_of_text|>", "<speaker2>", "<tool>", "<|end_of\"_text|>"])
    func refusesTextWithSpecialTokens(token: String) throws {
        var tiny = TinyTokenizer()
        // What v0.7 makes of `<|end_of_text|>` by deleting the underscores.
        tiny.added.append("<|endoftext|>")
        let builder = try builder(added: tiny.added)
        #expect(throws: PromptError.self) { try builder.grid(script: "[S1]a\(token)", normalize: true) }
        #expect(throws: PromptError.self) { try builder.grid(script: "[S1]a", promptText: token, normalize: true) }
        #expect(throws: Never.self) {
            try builder.grid(script: "[S1]a\(token)", normalize: true, readsReservedTokens: true)
        }
    }

    @Test func namesThePlaceOfASpecialTokenInAScript() throws {
        let error = try #require(
            #expect(throws: ScriptError.self) { try builder().script("[S1]a\n b<|end_of_text|>") })
        #expect(error.problem == .reservedToken("<|end_of_text|>"))
        #expect(error.place.description == "line 2, column 3")
        #expect(try builder().script("[S1]a").speakers == [1])
    }

    @Test func refusesATokenizerOfAnotherModel() throws {
        let error = #expect(throws: PromptError.self) { try builder(added: ["<speaker1>", "<speaker2>"]) }
        #expect(error == .missingToken("<|begin_of_style|>"))
    }

    @Test func refusesCodesOfAnotherCodec() throws {
        #expect(throws: PromptError.codebooks(2, channels: 3)) {
            try builder().grid(script: "[S1]a", promptCodes: CodeMatrix(codebooks: 2, codes: [1, 2]))
        }
    }

    /// To a reader the bracket and a mark on it are one character; to the model they are not.
    @Test func findsTagsUnderMarks() {
        #expect(
            PromptLayout.withSpeakerTokens("[S1]\u{301}[S2][S3]").unicodeScalars.elementsEqual(
                "<speaker1>\u{301}<speaker2>[S3]".unicodeScalars))
    }

    @Test func joinsTranscriptsBySpeaker() {
        #expect(PromptLayout.promptText(of: [" one ", nil, "", "four\n"]) == "[S1] one [S4]four")
        #expect(PromptLayout.promptText(of: []) == "")
    }

    @Test(arguments: DialogueVersion.allCases)
    func normalizesAsTheVersionDoesByDefault(version: DialogueVersion) throws {
        let text = try builder(version: version).text(script: "[S1]a; b")
        #expect(text == (version == .v05 ? "[S1]a, b" : "[S1]a; b"))
    }
}
