import Dialogue
import Foundation
import TestSupport
import Testing

@Suite struct TokenizerTests {
    /// Whatever a user writes, reading its ids gives the text back, in form C.
    @Test(arguments: 0..<60)
    func readsBackWhatItWrote(seed: Int) throws {
        let tokenizer = try TinyTokenizer().tokenizer()
        var random = SeededRandom(seed: UInt64(seed))
        let text = randomText(scalars: 80, using: &random)
        let ids = tokenizer.encode(text)
        #expect(Array(tokenizer.decode(ids).utf8) == Array(text.precomposedStringWithCanonicalMapping.utf8))
    }

    /// Canonically equal texts, from the Unicode Character Database, have the same ids.
    @Test(arguments: [
        ("\u{AC01}", ["\u{AC00}\u{11A8}", "\u{1100}\u{1161}\u{11A8}"]),
        ("\u{CCB}", ["\u{CCA}\u{CD5}", "\u{CC6}\u{CC2}\u{CD5}"]),
        ("\u{1EC7}", ["\u{EA}\u{323}", "\u{1EB9}\u{302}", "e\u{302}\u{323}", "e\u{323}\u{302}"]),
        ("\u{212B}", ["\u{C5}", "A\u{30A}"]), ("\u{958}", ["\u{915}\u{93C}"]), ("\u{3079}", ["\u{3078}\u{3099}"]),
    ])
    func givesEqualTextsTheSameIDs(text: String, equals: [String]) throws {
        let tokenizer = try TinyTokenizer().tokenizer()
        for equal in equals { #expect(tokenizer.encode(equal) == tokenizer.encode(text)) }
    }

    /// Jamo beside those that make syllables stay what they are.
    @Test(arguments: [
        "\u{1113}\u{1173}", "\u{B85C}\u{11A7}", "\u{AC01}\u{11A8}", "\u{1100}\u{1176}", "\u{AC00}\u{11C3}",
    ])
    func leavesOldJamoApart(text: String) throws {
        let tokenizer = try TinyTokenizer().tokenizer()
        #expect(Array(tokenizer.decode(tokenizer.encode(text)).utf8) == Array(text.utf8))
    }

    /// The heap gives what the definition gives: merge the pair of the lowest rank, the leftmost first, until none is left.
    @Test(arguments: 0..<60)
    func mergesAsDefined(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed))
        let tiny = TinyTokenizer()
        let text = String((0..<40).map { _ in "hab".randomElement(using: &random) ?? "h" })
        var tokens = text.map(String.init)
        func best() -> (rank: Int, place: Int)? {
            (0..<max(0, tokens.count - 1)).compactMap { place in
                tiny.merges.firstIndex { $0 == (tokens[place], tokens[place + 1]) }.map { ($0, place) }
            }.min { $0 < $1 }
        }
        while let (_, place) = best() {
            tokens.replaceSubrange(place...place + 1, with: [tokens[place] + tokens[place + 1]])
        }
        let vocabulary = tiny.vocabulary
        #expect(try tiny.tokenizer().encode(text).map(Int.init) == tokens.map { vocabulary[$0] })
    }

    /// The words are those of the expression in the file, which another engine matches here.
    @Test(arguments: [1, 3], 0..<40)
    func splitsAsTheExpressionSays(digits: Int, seed: Int) throws {
        let published = TinyTokenizer.pattern.replacing(#"|\p{N}|"#, with: digits == 1 ? #"|\p{N}|"# : #"|\p{N}{1,3}|"#)
        let expression = try NSRegularExpression(pattern: published)
        var random = SeededRandom(seed: UInt64(seed))
        let pieces = [
            " ", "  ", "\n", "\r\n", "\t", "\u{3000}", "'", "'S", "'ll", "'re", "a", "Ab", "é", "你", "1", "23", "４",
            "½", "!", "，", "。", "e\u{301}", "\u{301}", "🙂", "_",
        ]
        let text = (0..<60).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
        // By UTF-16, since a match may end within a character of Swift's.
        let whole = text as NSString
        let expected = expression.matches(in: text, range: NSRange(location: 0, length: whole.length))
            .map { Array(whole.substring(with: $0.range).utf8) }
        var words: [[UInt8]] = []
        try SplitPattern(expression: published).split(Array(text.utf8)[...]) { words.append(Array($0)) }
        #expect(words == expected)
    }

    /// Text made to be slow is not: each of these took a naive tokenizer time quadratic in its length.
    @Test(
        arguments: [
            "a", "h", " ", "\n", " \n", "1", "'", "é", "e\u{301}", "\u{301}\u{327}", "你", "<", "<tool",
            "\u{AC00}\u{11A8}",
        ])
    func endsOnLongRunsOf(piece: String) throws {
        let tokenizer = try TinyTokenizer().tokenizer()
        let text = String(repeating: piece, count: 300_000 / piece.utf8.count)
        let ids = tokenizer.encode(text)
        #expect(!ids.isEmpty && ids.count <= text.utf8.count)
        #expect(tokenizer.encode(tokenizer.decode(ids)) == ids)
    }

    @Test func cutsTheLongestAddedTokenFirst() throws {
        let tokenizer = try TinyTokenizer().tokenizer()
        #expect(tokenizer.encode("<tool>x<tool>") == [1010, 1009])
        #expect(tokenizer.encode("<tool") == tokenizer.encode("<too") + tokenizer.encode("l"))
        #expect(tokenizer.addedTokens(in: "a<tool>b<speaker1>") == ["<tool>", "<speaker1>"])
        #expect(tokenizer.decode([1007, 1009, -5, 99_999], skipSpecialTokens: true) == "<tool>")
        #expect(tokenizer.id(of: "<speaker2>") == 1008)
        #expect(tokenizer.id(of: "Ġha") == 261)
        #expect(tokenizer.id(of: "nowhere") == nil)
        #expect(tokenizer.vocabularySize == 1011)
    }

    /// A token marked as normalised is looked for after composing, any other before.
    @Test(arguments: [false, true])
    func looksForAddedTokensBeforeOrAfterComposing(normalized: Bool) throws {
        var json = TinyTokenizer().json()
        json["added_tokens"] = [["id": 1000, "content": "e\u{301}", "special": false, "normalized": normalized]]
        let tokenizer = try Tokenizer(tokenizerJSON: TinyTokenizer.bytes(json))
        #expect((tokenizer.encode("\u{E9}") == [1000]) == normalized)
        #expect(tokenizer.encode("e\u{301}") == [1000])
    }

    /// Snapshots come in several forms of the same facts.
    @Test(arguments: [false, true], ["\n", "\r\n"])
    func olderFilesGiveTheSameIDs(addedTokensFile: Bool, lineEnd: String) throws {
        let tiny = TinyTokenizer()
        let folder = try ScratchFolder()
        try tiny.writeOlderFiles(to: folder.url, lineEnd: lineEnd, addedTokensFile: addedTokensFile)
        let older = try Tokenizer(folder: folder.url)
        let joined = try Tokenizer(tokenizerJSON: TinyTokenizer.bytes(tiny.json(mergesAsPairs: false)))
        let tokenizer = try tiny.tokenizer()
        for text in ["haha ha, aaaa 12!", "<speaker1>é\n<tool>x", ""] {
            let ids = tokenizer.encode(text)
            #expect(older.encode(text) == ids)
            #expect(joined.encode(text) == ids)
            #expect(older.decode(ids) == tokenizer.decode(ids))
        }
    }

    /// Random text of what goes wrong most: marks, spaces, line ends, tokens, scalars of every plane. No Hangul letters,
    /// which the oracle leaves apart.
    private func randomText(scalars count: Int, using random: inout SeededRandom) -> String {
        let ranges: [ClosedRange<UInt32>] = [
            0x20...0x7E, 0xA0...0x24F, 0x300...0x36F, 0x370...0x3FF, 0x590...0x6FF, 0x900...0x97F, 0x1E00...0x1EFF,
            0x1F00...0x1FFF,
            0x2000...0x206F, 0x3000...0x30FF, 0x4E00...0x9FFF, 0xAC00...0xD7A3, 0xF900...0xFAD9, 0x1F300...0x1FAFF,
            0x1D15E...0x1D164, 0x09...0x0D,
        ]
        var text = String.UnicodeScalarView()
        while text.count < count {
            guard let range = ranges.randomElement(using: &random),
                let scalar = Unicode.Scalar(UInt32.random(in: range, using: &random))
            else { continue }
            text.append(scalar)
            if Int.random(in: 0..<15, using: &random) == 0 { text.append(contentsOf: "<speaker1>".unicodeScalars) }
        }
        return String(text)
    }
}
