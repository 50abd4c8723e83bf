import Foundation

/// The rules for what is said about a voice beside its name.
enum VoiceTexts {
    /// The transcript as it is kept: without space around it.
    ///
    /// Tags are refused, because the tag of a voice depends on the speaker that it is cast for.
    static func transcript(_ given: String, limits: LibraryLimits) throws(VoiceLibraryError) -> String {
        // A scalar takes at most four bytes; so huge text is refused without a look at it.
        guard given.utf8.count <= 4 * limits.transcriptScalars, given.unicodeScalars.count <= limits.transcriptScalars
        else {
            throw .tooLarge(
                field: "transcript", count: given.unicodeScalars.count, limit: limits.transcriptScalars)
        }
        let text = given.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !text.isEmpty else {
            throw .invalid(field: "transcript", reason: "is empty; write down what the prompt says, word by word")
        }
        let allowedControls: Set<Unicode.Scalar> = ["\n", "\t", "\r"]
        guard
            text.unicodeScalars.allSatisfy({
                $0.properties.generalCategory != .control || allowedControls.contains($0)
            })
        else { throw .invalid(field: "transcript", reason: "has control characters; remove them") }
        guard !hasTag(text) else {
            throw .invalid(
                field: "transcript", reason: "has a speaker tag such as [S1]; a voice is one speaker, so leave tags out"
            )
        }
        return text
    }

    /// Whether `[S` digits `]` stands in the text.
    private static func hasTag(_ text: String) -> Bool {
        var rest = Substring(text)
        while let opening = rest.range(of: "[S") {
            rest = rest[opening.upperBound...]
            let digits = rest.prefix { ("0"..."9").contains($0) }
            if !digits.isEmpty, rest.dropFirst(digits.count).first == "]" { return true }
        }
        return false
    }

    /// A language tag of well-formed shape (RFC 5646): subtags of 1...8 letters and digits, the first of letters only.
    /// Empty stays empty.
    static func language(_ given: String) throws(VoiceLibraryError) -> String {
        guard !given.isEmpty else { return "" }
        let subtags = given.split(separator: "-", omittingEmptySubsequences: false)
        let wellFormed =
            given.utf8.count <= 35
            && (subtags.first.map { (2...8).contains($0.count) && $0.allSatisfy(\.isLetter) } ?? false)
            && subtags.allSatisfy { subtag in
                (1...8).contains(subtag.count)
                    && subtag.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
            }
        guard wellFormed else {
            throw .invalid(
                field: "language", reason: "is no language tag; write for example en, zh or zh-TW, or leave it out")
        }
        return given
    }
}
