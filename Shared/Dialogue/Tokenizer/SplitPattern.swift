/// How text falls into words before merging, as `tokenizer.json` states it in a regular expression.
///
/// The expressions in use differ in one number, so they are recognised by their text and matched by hand in one pass; a
/// general engine would need bounded time on any text, and would have to agree with another's idea of `\s`.
package struct SplitPattern: Equatable, Sendable {
    /// Digits that stand in one word at most.
    package let digitsMax: Int

    /// The expression of Qwen2 and Qwen3, also meant where a folder has `vocab.json` and no `tokenizer.json`.
    package static let qwen2 = SplitPattern(digitsMax: 1)

    private init(digitsMax: Int) { self.digitsMax = digitsMax }

    package init(expression: String) throws(TokenizerError) {
        let known = [1: #"\p{N}"#, 3: #"\p{N}{1,3}"#]
        for (digitsMax, digits) in known {
            let published =
                #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\#(digits)| ?[^\s\p{L}\p{N}]+[\r\n]*"#
                + #"|\s*[\r\n]+|\s+(?!\S)|\s+"#
            guard expression.utf8.elementsEqual(published.utf8) else { continue }
            self.init(digitsMax: digitsMax)
            return
        }
        throw .unsupported(setting: "pre_tokenizer pattern", value: expression)
    }

    /// Calls `word` with each word of `text`, which is valid UTF-8; the words end to end are the text.
    package func split(_ text: ArraySlice<UInt8>, word: (ArraySlice<UInt8>) -> Void) {
        let run = ScalarRun(text)
        var start = 0
        while start < run.count {
            let end = wordEnd(in: run, from: start)
            word(text[run.offsets[start]..<run.offsets[end]])
            start = end
        }
    }

    /// The end of the word that starts at `start`: the first alternative of the expression that matches.
    private func wordEnd(in run: ScalarRun, from start: Int) -> Int {
        let here = run.kinds[start]
        let next = start + 1 < run.count ? run.kinds[start + 1] : nil

        if run.isApostrophe(start), let end = run.contractionEnd(from: start) { return end }
        if here == .letter { return run.end(of: .letter, from: start) }
        if here != .lineEnd, here != .number, next == .letter { return run.end(of: .letter, from: start + 1) }
        if here == .number { return run.end(of: .number, from: start, atMost: digitsMax) }
        if here == .other || run.isSpace(start) && next == .other {
            let symbols = run.end(of: .other, from: here == .other ? start : start + 1)
            return run.end(of: .lineEnd, from: symbols)
        }
        // White space: up to its last line end; else all but the last before a word, which takes that one along.
        var end = start
        var lineEnd: Int?
        while end < run.count, run.kinds[end] == .space || run.kinds[end] == .lineEnd {
            end += 1
            if run.kinds[end - 1] == .lineEnd { lineEnd = end }
        }
        if let lineEnd { return lineEnd }
        return end == run.count || end == start + 1 ? end : end - 1
    }
}

/// Text as kinds of scalars, with the place of each in the UTF-8.
private struct ScalarRun {
    enum Kind: UInt8 { case letter, number, space, lineEnd, other }

    private(set) var kinds: [Kind] = []
    private(set) var offsets: [Int] = []
    private let text: ArraySlice<UInt8>

    var count: Int { kinds.count }

    init(_ text: ArraySlice<UInt8>) {
        self.text = text
        kinds.reserveCapacity(text.count)
        offsets.reserveCapacity(text.count + 1)
        var offset = text.startIndex
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
            kinds.append(Self.kind(of: scalar))
            offsets.append(offset)
            offset += UTF8.width(scalar)
        }
        offsets.append(text.endIndex)
    }

    private static func kind(of scalar: Unicode.Scalar) -> Kind {
        if scalar == "\r" || scalar == "\n" { return .lineEnd }
        let properties = scalar.properties
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return .letter
        case .decimalNumber, .letterNumber, .otherNumber: return .number
        default: return properties.isWhitespace ? .space : .other
        }
    }

    func end(of kind: Kind, from start: Int, atMost most: Int = .max) -> Int {
        var end = start
        while end < count, kinds[end] == kind, end - start < most { end += 1 }
        return end
    }

    func isSpace(_ index: Int) -> Bool { text[offsets[index]] == UInt8(ascii: " ") }
    func isApostrophe(_ index: Int) -> Bool { text[offsets[index]] == UInt8(ascii: "'") }

    /// The end of `'s`, `'t`, `'re`, `'ve`, `'m`, `'ll` or `'d` in either case, whose apostrophe is at `start`.
    func contractionEnd(from start: Int) -> Int? {
        func letter(_ index: Int) -> UInt8? {
            guard index < count else { return nil }
            switch Array(text[offsets[index]..<offsets[index + 1]]) {
            case [0xC5, 0xBF]: return UInt8(ascii: "s")  // The long s is an s to who ignores case.
            case let bytes where bytes.count == 1: return bytes[0] | 0x20
            default: return nil
            }
        }
        switch (letter(start + 1), letter(start + 2)) {
        case (UInt8(ascii: "s"), _), (UInt8(ascii: "t"), _), (UInt8(ascii: "m"), _), (UInt8(ascii: "d"), _):
            return start + 2
        case (UInt8(ascii: "r"), UInt8(ascii: "e")), (UInt8(ascii: "v"), UInt8(ascii: "e")),
            (UInt8(ascii: "l"), UInt8(ascii: "l")):
            return start + 3
        default: return nil
        }
    }
}
