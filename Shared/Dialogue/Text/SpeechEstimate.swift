/// How long a text takes to say, roughly: for people who wait, never for a limit.
public enum SpeechEstimate {
    /// Conversational speech has some 4.5 Chinese syllables a second, and some 15 letters and spaces of an alphabet.
    public static func seconds(of text: String) -> Double {
        var ideographs = 0
        var others = 0
        for scalar in text.unicodeScalars {
            if scalar.properties.isIdeographic { ideographs += 1 } else { others += 1 }
        }
        return Double(ideographs) / 4.5 + Double(others) / 15
    }
}
