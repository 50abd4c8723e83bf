/// Written laughter, which the model was trained to read as a sign.
enum Laughter {
    /// Replaces `哈` repeated.
    static func replaceChinese(
        _ scalars: ArraySlice<Unicode.Scalar>, by sign: [Unicode.Scalar]
    ) -> ArraySlice<Unicode.Scalar> {
        var replaced: [Unicode.Scalar] = []
        var position = scalars.startIndex
        while position < scalars.endIndex {
            let end = scalars[position...].firstIndex { $0 != "哈" } ?? scalars.endIndex
            if end - position >= 2 {
                replaced.append(contentsOf: sign)
                position = end
            } else {
                replaced.append(scalars[position])
                position += 1
            }
        }
        return replaced[...]
    }

    /// Replaces `ha` repeated, with or without space between, in either case, where words begin and end.
    static func replaceEnglish(
        _ scalars: ArraySlice<Unicode.Scalar>, by sign: [Unicode.Scalar]
    ) -> ArraySlice<Unicode.Scalar> {
        var replaced: [Unicode.Scalar] = []
        var position = scalars.startIndex
        while position < scalars.endIndex {
            if let end = englishEnd(in: scalars, from: position) {
                replaced.append(contentsOf: sign)
                position = end
            } else {
                replaced.append(scalars[position])
                position += 1
            }
        }
        return replaced[...]
    }

    /// The longest laughter that starts at `start` and ends with a word.
    private static func englishEnd(in scalars: ArraySlice<Unicode.Scalar>, from start: Int) -> Int? {
        guard isSyllable(in: scalars, at: start), isBoundary(in: scalars, at: start) else { return nil }
        var end = start + 2
        var found: Int?
        while true {
            let next = scalars[end...].firstIndex { !PythonCharacterClass.isSpace($0) } ?? scalars.endIndex
            guard isSyllable(in: scalars, at: next) else { return found }
            end = next + 2
            if isBoundary(in: scalars, at: end) { found = end }
        }
    }

    private static func isSyllable(in scalars: ArraySlice<Unicode.Scalar>, at start: Int) -> Bool {
        guard start + 1 < scalars.endIndex else { return false }
        return (scalars[start] == "h" || scalars[start] == "H")
            && (scalars[start + 1] == "a" || scalars[start + 1] == "A")
    }

    /// `\b`: a word on one side only.
    private static func isBoundary(in scalars: ArraySlice<Unicode.Scalar>, at place: Int) -> Bool {
        let before = place > scalars.startIndex && PythonCharacterClass.isWord(scalars[place - 1])
        let after = place < scalars.endIndex && PythonCharacterClass.isWord(scalars[place])
        return before != after
    }
}
