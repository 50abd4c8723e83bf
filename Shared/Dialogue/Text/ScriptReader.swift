/// Reads a script front to back, once.
struct ScriptReader {
    private(set) var turns: [Script.Turn] = []
    private(set) var warnings: [ScriptWarning] = []

    private let scalars: [Unicode.Scalar]
    private let speakers: Int
    private let numericTags: Bool
    private var position = 0
    private var place = ScriptPlace.start
    /// The turn that is being read: who speaks, where its tag stands, where its text starts.
    private var speaker: Int?
    private var turnPlace = ScriptPlace.start
    private var textStart = 0

    init(_ text: String, speakers: Int, numericTags: Bool) {
        scalars = Array(text.unicodeScalars)
        self.speakers = speakers
        self.numericTags = numericTags
    }

    mutating func read() throws(ScriptError) {
        guard let first = scalars.firstIndex(where: { !PythonCharacterClass.isSpace($0) }) else {
            throw ScriptError(.empty, at: .start)
        }
        advance(to: first)
        textStart = first
        turnPlace = place
        while position < scalars.count {
            if scalars[position] == "[" || scalars[position] == "［" || scalars[position] == "【" {
                try readBracket()
            } else {
                advance(to: position + 1)
            }
        }
        endTurn()
        if turns.allSatisfy(\.text.isEmpty) { throw ScriptError(.nothingSaid, at: turns.first?.place ?? .start) }
        if turns.first?.speaker == nil { warn(.noTags, at: .start) }
    }

    private mutating func readBracket() throws(ScriptError) {
        let all = scalars[...]
        if let tag = SpeakerTag(in: all, at: position)
            ?? (numericTags ? SpeakerTag(numericIn: all, at: position) : nil)
        {
            try beginTurn(tag)
        } else if let end = unclosedTagEnd() {
            throw ScriptError(.unclosedTag(text(position..<end)), at: place)
        } else {
            if let end = likenessEnd() { warn(.looksLikeTag(text(position..<end)), at: place) }
            advance(to: position + 1)
        }
    }

    private mutating func beginTurn(_ tag: SpeakerTag) throws(ScriptError) {
        let written = text(position..<tag.end)
        guard tag.digits.allSatisfy(\.isASCII), tag.digits.first != "0" || tag.digits.count == 1 else {
            throw ScriptError(.oddDigits(written), at: place)
        }
        let digits = String(String.UnicodeScalarView(tag.digits))
        guard let number = Int(digits), number >= 1, number <= speakers else {
            throw ScriptError(.unknownSpeaker(written, speakers: speakers), at: place)
        }
        if speaker == nil {
            guard position == textStart else { throw ScriptError(.textBeforeFirstTag, at: turnPlace) }
        } else {
            endTurn()
        }
        speaker = number
        turnPlace = place
        advance(to: tag.end)
        textStart = position
    }

    private mutating func endTurn() {
        let spoken = PythonCharacterClass.strip(scalars[textStart..<position])
        turns.append(
            Script.Turn(speaker: speaker, text: String(String.UnicodeScalarView(spoken)), place: turnPlace))
        if spoken.isEmpty { warn(.emptyTurn, at: turnPlace) }
    }

    // MARK: What looks like a tag

    /// The end of `[S1`, when no bracket closes it before the line ends or another opens.
    private func unclosedTagEnd() -> Int? {
        guard scalars[position] == "[", position + 2 < scalars.count, scalars[position + 1] == "S" else { return nil }
        var end = position + 2
        while end < scalars.count, PythonCharacterClass.isDigit(scalars[end]) { end += 1 }
        guard end > position + 2 else { return nil }
        let stop = scalars[end...].first { $0 == "]" || $0 == "[" || $0 == "\n" }
        return stop == "]" ? nil : end
    }

    /// The end of `[s1]`, `[S 1]`, `【S1】`, `［1］` and the like.
    private func likenessEnd() -> Int? {
        var end = position + 1
        var hasDigit = false
        while end < scalars.count {
            let scalar = scalars[end]
            if scalar == "]" || scalar == "］" || scalar == "】" { return hasDigit ? end + 1 : nil }
            if PythonCharacterClass.isDigit(scalar) {
                hasDigit = true
            } else if hasDigit || !(scalar == "S" || scalar == "s" || scalar == " " || scalar == "Ｓ") {
                return nil
            }
            end += 1
        }
        return nil
    }

    // MARK: Places

    private mutating func warn(_ problem: ScriptWarning.Problem, at place: ScriptPlace) {
        if warnings.count < Script.warningsMax { warnings.append(ScriptWarning(problem: problem, place: place)) }
    }

    private mutating func advance(to end: Int) {
        while position < end {
            place = place.advanced(over: scalars[position])
            position += 1
        }
    }

    /// What stands there, short enough for a message.
    private func text(_ range: Range<Int>) -> String {
        let shown = String(String.UnicodeScalarView(scalars[range].prefix(12)))
        return range.count > 12 ? shown + "…" : shown
    }
}

extension ScriptPlace {
    func advanced(over scalar: Unicode.Scalar) -> ScriptPlace {
        scalar == "\n" ? ScriptPlace(line: line + 1, column: 1) : ScriptPlace(line: line, column: column + 1)
    }
}
