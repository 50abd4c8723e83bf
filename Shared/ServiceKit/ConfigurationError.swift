/// A configuration that cannot be meant: which key, where it stands, what it says and what is allowed.
public struct ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Where a value was found.
    public enum Source: Equatable, Sendable, CustomStringConvertible {
        case `default`
        case file(path: String, line: Int)
        case environment(variable: String)
        case flag(String)

        public var description: String {
            switch self {
            case .default: "default"
            case .file(let path, let line): "\(path):\(line)"
            case .environment(let variable): variable
            case .flag(let flag): flag
            }
        }
    }

    /// The key's name, or the misspelt one; empty when the error is about the whole source.
    public let key: String
    public let source: Source
    /// What stands there; empty when nothing does.
    public let value: String
    /// What is allowed, and how to mend it.
    public let allowed: String

    public init(key: String, source: Source, value: String = "", allowed: String) {
        self.key = key
        self.source = source
        // A file given by mistake may hold anything, so that only its beginning is repeated.
        self.value = value.count > 120 ? value.prefix(120) + "…" : value
        self.allowed = allowed
    }

    public var description: String {
        let place =
            switch source {
            case .default: key
            case .file: key.isEmpty ? "\(source)" : "\(source): \(key)"
            case .environment, .flag: "\(source)"
            }
        return value.isEmpty ? "\(place): \(allowed)" : "\(place) is \"\(value)\": \(allowed)"
    }
}

/// The nearest of some names to a misspelt one, when it is near enough to be meant.
func nearestName(to misspelt: String, among names: [String]) -> String? {
    let scored = names.map { (name: $0, edits: edits(from: Array(misspelt.prefix(64).utf8), to: Array($0.utf8))) }
    guard let best = scored.min(by: { $0.edits < $1.edits }), best.edits <= 2 else {
        return nil
    }
    return best.name
}

/// Insertions, removals and replacements between two words (Levenshtein).
private func edits(from first: [UInt8], to second: [UInt8]) -> Int {
    var row = Array(0...second.count)
    for (rowNumber, byte) in first.enumerated() {
        var diagonal = row[0]
        row[0] = rowNumber + 1
        for (column, other) in second.enumerated() {
            let replaced = diagonal + (byte == other ? 0 : 1)
            diagonal = row[column + 1]
            row[column + 1] = min(replaced, diagonal + 1, row[column] + 1)
        }
    }
    return row[second.count]
}
