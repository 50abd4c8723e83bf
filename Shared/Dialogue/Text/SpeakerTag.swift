/// `[S1]`, as the normaliser of the original finds it: `S` and decimal digits of any script.
struct SpeakerTag: Equatable {
    /// Where the tag ends: one past its bracket.
    let end: Int
    let digits: ArraySlice<Unicode.Scalar>

    /// The tag that starts at `start`, if one does.
    init?(in scalars: ArraySlice<Unicode.Scalar>, at start: Int) {
        guard start + 1 < scalars.endIndex, scalars[start] == "[", scalars[start + 1] == "S" else { return nil }
        self.init(digitsIn: scalars, from: start + 2)
    }

    /// `[1]`, which the normaliser takes for `[S1]`.
    init?(numericIn scalars: ArraySlice<Unicode.Scalar>, at start: Int) {
        guard start < scalars.endIndex, scalars[start] == "[" else { return nil }
        self.init(digitsIn: scalars, from: start + 1)
    }

    private init?(digitsIn scalars: ArraySlice<Unicode.Scalar>, from start: Int) {
        var end = start
        while end < scalars.endIndex, PythonCharacterClass.isDigit(scalars[end]) { end += 1 }
        guard end > start, end < scalars.endIndex, scalars[end] == "]" else { return nil }
        digits = scalars[start..<end]
        self.end = end + 1
    }
}
