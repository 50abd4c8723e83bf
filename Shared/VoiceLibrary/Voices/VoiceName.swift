import Foundation

/// A name that a voice may have.
///
/// 1...64 Unicode scalars in NFC: letters of any script with their marks, decimal digits, and `.`, `_`, `-`, beginning
/// with a letter or a digit. So a name is one word on a command line, never looks like an option, and is a file name
/// on every system.
public struct VoiceName: Equatable, Sendable {
    public static let scalarsMax = 64
    /// Longer text is refused before it is normalised: no name of 64 scalars takes more, decomposed.
    static let bytesMax = 1024

    /// NFC.
    public let text: String
    /// What must be unique: equal for names that differ in letter case only.
    let key: String

    /// - Throws: `VoiceLibraryError.invalid`.
    public init(_ given: String) throws(VoiceLibraryError) {
        guard given.utf8.count <= Self.bytesMax else {
            throw .invalid(field: "name", reason: "is longer than \(Self.scalarsMax) characters")
        }
        let text = given.precomposedStringWithCanonicalMapping
        let scalars = text.unicodeScalars
        guard (1...Self.scalarsMax).contains(scalars.count) else {
            throw .invalid(field: "name", reason: "has \(scalars.count) characters; allowed are 1...\(Self.scalarsMax)")
        }
        for (place, scalar) in scalars.enumerated() where !Self.allows(scalar, first: place == 0) {
            let code = "U+" + String(scalar.value, radix: 16, uppercase: true)
            throw .invalid(
                field: "name",
                reason: "character \(place + 1) (\(code)) is not allowed there; a name is letters, digits and . _ - "
                    + "and begins with a letter or a digit")
        }
        guard !VoiceID.isOne(text) else {
            throw .invalid(
                field: "name", reason: "has the form of an id (\(VoiceID.digits) hexadecimal digits); take another")
        }
        self.text = text
        key = CaseFolding.fold(text)
    }

    private static func allows(_ scalar: Unicode.Scalar, first: Bool) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber: true
        case .nonspacingMark, .spacingMark: !first
        default: !first && [".", "_", "-"].contains(scalar)
        }
    }
}

/// Ids of voices: 128 random bits as hexadecimal digits.
enum VoiceID {
    static let digits = 32

    static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<2).map { _ in
            let part = String(UInt64.random(in: .min ... .max, using: &generator), radix: 16)
            return String(repeating: "0", count: 16 - part.count) + part
        }.joined()
    }

    static func isOne(_ text: String) -> Bool {
        text.utf8.count == digits && text.utf8.allSatisfy(Hexadecimal.isDigit)
    }
}

/// Letter case taken away, for comparing names and for searching.
enum CaseFolding {
    /// Both mappings, one after the other, because a few letters meet only in their capitals (ß and ẞ, σ and ς). No
    /// locale: a name means the same everywhere.
    static func fold(_ text: String) -> String {
        text.uppercased().lowercased().precomposedStringWithCanonicalMapping
    }
}
