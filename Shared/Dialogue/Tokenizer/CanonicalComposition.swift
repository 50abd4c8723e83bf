import Foundation

/// Unicode's normalisation form C (UAX #15) in O(n log n).
///
/// Foundation's own takes time quadratic in a run of combining marks: 200,000 of them held it for 23 s, which a script of
/// a few hundred kilobytes could use against a service. So the algorithm is ours, and Foundation is asked only about
/// single scalars and pairs, whose answers are its tables.
struct CanonicalComposition {
    private var decompositions: [Unicode.Scalar: [Unicode.Scalar]] = [:]
    private var compositions: [UInt64: Unicode.Scalar?] = [:]

    /// - Parameter text: valid UTF-8.
    /// - Returns: the same text in form C, in UTF-8.
    static func compose(_ text: ArraySlice<UInt8>) -> [UInt8] {
        // Nothing below U+0300, whose UTF-8 starts with CC, is changed by its neighbours.
        if text.allSatisfy({ $0 < 0xCC }) { return Array(text) }
        let scalars = Array(String(decoding: text, as: UTF8.self).unicodeScalars)
        if scalars.allSatisfy(isInert) { return Array(text) }

        var composition = CanonicalComposition()
        var composed = String.UnicodeScalarView()
        var start = 0
        while start < scalars.count {
            var end = start + 1
            while end < scalars.count, !isInert(scalars[end]) { end += 1 }
            if end - start == 1, isInert(scalars[start]) {
                composed.append(scalars[start])
            } else {
                composed.append(contentsOf: composition.compose(scalars[start..<end]))
            }
            start = end
        }
        return Array(String(composed).utf8)
    }

    /// Scalars that stay as they are and never join what stands before them, so that text may be cut there. Not all such:
    /// whole ranges in which scripts are written most.
    private static func isInert(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x300: true  // Latin
        case 0x2010...0x2027, 0x2030...0x205E: true  // punctuation
        case 0x3000...0x3029, 0x3030...0x3098, 0x309B...0x30FF: true  // punctuation and kana, without the voicing marks
        case 0x3400...0x9FFF: true  // Han
        case 0xAC00...0xD7A3: true  // Hangul syllables
        case 0xFF01...0xFFEE: true  // full-width forms
        case 0x1F300...0x1FAFF: true  // pictographs
        default: false
        }
    }

    private mutating func compose(_ segment: ArraySlice<Unicode.Scalar>) -> [Unicode.Scalar] {
        var decomposed: [Unicode.Scalar] = []
        for scalar in segment { decomposed.append(contentsOf: decomposition(of: scalar)) }
        Self.order(&decomposed)

        var composed: [Unicode.Scalar] = []
        var starter: Int?
        // Class of what stands between the starter and the scalar; -1 when nothing does.
        var between = -1
        for scalar in decomposed {
            let marks = Int(scalar.properties.canonicalCombiningClass.rawValue)
            if let at = starter, between < marks, let joined = composite(of: composed[at], scalar) {
                composed[at] = joined
                continue
            }
            if marks == 0 { starter = composed.count }
            between = marks == 0 ? -1 : marks
            composed.append(scalar)
        }
        return composed
    }

    /// Sorts each run of marks by its class; marks of one class keep their order.
    private static func order(_ scalars: inout [Unicode.Scalar]) {
        let classes = scalars.map(\.properties.canonicalCombiningClass.rawValue)
        var start = 0
        while start < scalars.count {
            guard classes[start] != 0 else {
                start += 1
                continue
            }
            let end = classes[start...].firstIndex(of: 0) ?? scalars.count
            if end - start > 1 {
                let order = (start..<end).sorted { (classes[$0], $0) < (classes[$1], $1) }
                scalars.replaceSubrange(start..<end, with: order.map { scalars[$0] })
            }
            start = end
        }
    }

    private mutating func decomposition(of scalar: Unicode.Scalar) -> [Unicode.Scalar] {
        if let known = decompositions[scalar] { return known }
        let found = Array(String(scalar).decomposedStringWithCanonicalMapping.unicodeScalars)
        decompositions[scalar] = found
        return found
    }

    /// The scalar that two adjacent ones make in form C, if they make one.
    private mutating func composite(of first: Unicode.Scalar, _ second: Unicode.Scalar) -> Unicode.Scalar? {
        if (0x1100...0x11FF).contains(second.value) { return syllable(of: first.value, second.value) }
        let key = UInt64(first.value) << 32 | UInt64(second.value)
        if let known = compositions[key] { return known }
        // Taken apart first: of a composed scalar and one that is no mark (some Indic vowels) Foundation leaves both.
        var pair = String.UnicodeScalarView(decomposition(of: first))
        pair.append(second)
        let joined = String(pair).precomposedStringWithCanonicalMapping.unicodeScalars
        let found = joined.count == 1 ? joined.first : nil
        compositions[key] = .some(found)
        return found
    }

    /// Hangul by its arithmetic (The Unicode Standard, 3.12): first letter and vowel, or these and a final. Foundation
    /// also takes the letter after the last first one, and the place before the finals.
    private func syllable(of first: UInt32, _ second: UInt32) -> Unicode.Scalar? {
        if (0x1100...0x1112).contains(first), (0x1161...0x1175).contains(second) {
            return Unicode.Scalar(0xAC00 + ((first - 0x1100) * 21 + second - 0x1161) * 28)
        }
        guard (0xAC00...0xD7A3).contains(first), (first - 0xAC00) % 28 == 0, (0x11A8...0x11C2).contains(second) else {
            return nil
        }
        return Unicode.Scalar(first + second - 0x11A7)
    }
}
