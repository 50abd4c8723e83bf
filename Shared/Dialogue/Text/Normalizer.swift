/// The text rules that the original applies before it builds a prompt, version by version and scalar for scalar.
///
/// The rules are the original's, oddities included (each full stop but the last becomes a comma; a hyphen vanishes):
/// the model has heard text that went through them. They run over prompt text and script joined, in O(n).
public struct Normalizer: Equatable, Sendable {
    public let version: DialogueVersion

    public init(version: DialogueVersion) { self.version = version }

    public func normalize(_ text: String) -> String {
        var scalars = tagNumbers(Array(text.unicodeScalars)[...])
        if version == .v05 { scalars = unwrapBrackets(scalars) }
        let segments = segments(of: scalars.map { $0 == "\n" ? " " : $0 }[...])
        var joined = String.UnicodeScalarView()
        for spoken in version == .v05 ? segments : merged(segments) {
            joined.append(contentsOf: PythonCharacterClass.strip((spoken.tag + spoken.content)[...]))
        }
        return String(String.UnicodeScalarView(joined.lazy.map { $0 == "‘" || $0 == "’" ? "'" : $0 }))
    }

    /// What one speaker says; the tag is empty before the first tag.
    private struct Segment {
        let tag: [Unicode.Scalar]
        var content: [Unicode.Scalar]
    }

    // MARK: Tags and brackets

    /// `[1]` becomes `[S1]`.
    private func tagNumbers(_ scalars: ArraySlice<Unicode.Scalar>) -> ArraySlice<Unicode.Scalar> {
        var tagged: [Unicode.Scalar] = []
        var position = scalars.startIndex
        while position < scalars.endIndex {
            if let tag = SpeakerTag(numericIn: scalars, at: position) {
                tagged.append(contentsOf: ["[", "S"] + tag.digits + ["]"])
                position = tag.end
            } else {
                tagged.append(scalars[position])
                position += 1
            }
        }
        return tagged[...]
    }

    /// Takes the brackets off whatever is no tag, from a `[` to the next `]`, over lines too.
    private func unwrapBrackets(_ scalars: ArraySlice<Unicode.Scalar>) -> ArraySlice<Unicode.Scalar> {
        // Without it, a text of opening brackets alone would be searched to its end for each of them.
        guard let lastClose = scalars.lastIndex(of: "]") else { return scalars }
        var unwrapped: [Unicode.Scalar] = []
        var position = scalars.startIndex
        while position < scalars.endIndex {
            guard scalars[position] == "[", position < lastClose, SpeakerTag(in: scalars, at: position) == nil,
                let close = scalars[position...].firstIndex(of: "]")
            else {
                unwrapped.append(scalars[position])
                position += 1
                continue
            }
            unwrapped.append(contentsOf: scalars[position + 1..<close])
            position = close + 1
        }
        return unwrapped[...]
    }

    /// Cuts before each tag, and brings each piece that says anything into its final words.
    private func segments(of scalars: ArraySlice<Unicode.Scalar>) -> [Segment] {
        var starts = [scalars.startIndex]
        for position in scalars.indices.dropFirst() where SpeakerTag(in: scalars, at: position) != nil {
            starts.append(position)
        }
        return zip(starts, starts.dropFirst() + [scalars.endIndex]).compactMap { start, end in
            let piece = PythonCharacterClass.strip(scalars[start..<end])
            guard let tag = SpeakerTag(in: piece, at: piece.startIndex) else {
                return piece.isEmpty ? nil : Segment(tag: [], content: spoken(piece))
            }
            // Only space between the tag and what follows is lost here; the rest keeps its own until it is stripped.
            let content = piece[tag.end...].drop(while: PythonCharacterClass.isSpace)
            return Segment(tag: Array(piece[..<tag.end]), content: spoken(content))
        }
    }

    /// Neighbours of one speaker as one.
    private func merged(_ segments: [Segment]) -> [Segment] {
        var merged: [Segment] = []
        for segment in segments {
            if let last = merged.last, last.tag == segment.tag, !segment.tag.isEmpty {
                merged[merged.count - 1].content.append(contentsOf: segment.content)
            } else {
                merged.append(segment)
            }
        }
        return merged
    }

    // MARK: Words

    private func spoken(_ content: ArraySlice<Unicode.Scalar>) -> [Unicode.Scalar] {
        let deleted = version == .v05 ? Self.decoration : Self.decoration.union(["_"])
        var scalars = content.filter { !deleted.contains($0) }[...]
        scalars = Laughter.replaceChinese(scalars, by: version == .v05 ? ["(", "笑", ")"] : ["[", "笑", "]"])
        scalars = Laughter.replaceEnglish(scalars, by: Array((version == .v05 ? "(laughs)" : "[laugh]").unicodeScalars))
        for mark in ["—", "…"] as [Unicode.Scalar] { scalars = replacePairs(of: mark, in: scalars) }
        scalars = PythonCharacterClass.strip(scalars.map(softened)[...])
        return endingOnce(scalars)
    }

    private static let decoration = Set("【】《》（）『』「」\"-“”～~".unicodeScalars)

    /// Two of `mark` become a comma.
    private func replacePairs(
        of mark: Unicode.Scalar, in scalars: ArraySlice<Unicode.Scalar>
    ) -> ArraySlice<Unicode.Scalar> {
        var replaced: [Unicode.Scalar] = []
        var position = scalars.startIndex
        while position < scalars.endIndex {
            let isPair = scalars[position] == mark && position + 1 < scalars.endIndex && scalars[position + 1] == mark
            replaced.append(isPair ? "，" : scalars[position])
            position += isPair ? 2 : 1
        }
        return replaced[...]
    }

    /// Marks that part a sentence become commas.
    private func softened(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar {
        case "；", "：", "、": "，"
        case ";", ":": ","
        case "！", "？": version == .v05 ? "，" : scalar
        case "!", "?": version == .v05 ? "," : scalar
        default: scalar
        }
    }

    /// A comma at the end becomes a full stop, a Chinese full stop before the end a comma. A single scalar stays.
    private func endingOnce(_ scalars: ArraySlice<Unicode.Scalar>) -> [Unicode.Scalar] {
        guard scalars.count > 1, let last = scalars.last else { return Array(scalars) }
        var ended = scalars.dropLast().map { $0 == "。" ? "，" : $0 }
        ended.append(last == "，" ? "。" : last == "," ? "." : last)
        return ended
    }
}
