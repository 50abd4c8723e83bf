import Yams

/// YAML 1.2 as configurations use it, through Yams, behind a gate that refuses what would cost the parser more than its
/// length: nesting is bounded and an anchor may stand only before a plain value, so no alias multiplies anything.
struct YAMLReader {
    static let bytesMax = 256 << 10
    private static let lineMax = 1024
    private static let indentMax = 96
    private static let bracketsMax = 256

    static func parse(_ bytes: UnsafeRawBufferPointer, file: String) throws(CheckpointError) -> ConfigurationValue {
        guard bytes.count <= bytesMax else {
            throw CheckpointError(
                .tooLarge, file: file, "is \(bytes.count) bytes; a YAML configuration has at most \(bytesMax)")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CheckpointError(.malformed, file: file, "is not UTF-8")
        }
        try gate(bytes, file: file)
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            let summary = "\(error)".split(separator: "\n").prefix(3).joined(separator: " ")
            throw CheckpointError(.malformed, file: file, "is not YAML: \(summary)")
        }
        guard let root else { throw CheckpointError(.malformed, file: file, "is empty") }
        return try value(of: root, file: file, depth: 0)
    }

    /// Holds the text against the bounds, line by line. Quoted texts and comments are not told apart: a configuration
    /// that is refused for one can be written otherwise.
    private static func gate(_ bytes: UnsafeRawBufferPointer, file: String) throws(CheckpointError) {
        var brackets = 0
        for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            func refuse(_ what: String) -> CheckpointError {
                CheckpointError(.malformed, file: file, "line \(index + 1) \(what)")
            }
            guard line.count <= lineMax else { throw refuse("is longer than \(lineMax) bytes") }
            let lead = line.prefix { $0 == 0x20 || $0 == 0x09 || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "?") }
            guard lead.count <= indentMax else { throw refuse("is indented by more than \(indentMax)") }
            brackets += line.count { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "{") }
            guard brackets <= bracketsMax else { throw refuse("opens the \(bracketsMax + 1)th bracket") }
            guard !anchorsACollection(line) else {
                throw refuse("has an anchor that does not stand before a plain value on the same line")
            }
        }
    }

    /// Whether the line has an `&anchor` before anything that could hold other values.
    private static func anchorsACollection(_ line: Slice<UnsafeRawBufferPointer>) -> Bool {
        let openers = Set("[{&*!|>-?#\r".utf8)
        let breaks = Set(" \t,[]{}:\"'-?".utf8)
        var position = line.startIndex
        while let anchor = line[position...].firstIndex(of: UInt8(ascii: "&")) {
            position = anchor + 1
            guard anchor == line.startIndex || breaks.contains(line[anchor - 1]) else { continue }
            let afterName = line[position...].drop { $0 != 0x20 && $0 != 0x09 }
            guard let first = afterName.first(where: { $0 != 0x20 && $0 != 0x09 }), !openers.contains(first) else {
                return true
            }
        }
        return false
    }

    private static func value(of node: Node, file: String, depth: Int) throws(CheckpointError) -> ConfigurationValue {
        switch node {
        case .scalar(let scalar):
            return value(of: scalar)
        case .sequence(let sequence):
            var elements: [ConfigurationValue] = []
            for element in sequence { elements.append(try value(of: element, file: file, depth: depth + 1)) }
            return .list(elements)
        case .mapping(let mapping):
            var members: [String: ConfigurationValue] = [:]
            for (key, member) in mapping {
                guard case .scalar(let name) = key else {
                    throw CheckpointError(.malformed, file: file, "has a name that is no plain text")
                }
                let value = try value(of: member, file: file, depth: depth + 1)
                guard members.updateValue(value, forKey: name.string) == nil else {
                    throw CheckpointError(.duplicate, file: file, subject: name.string, "this name stands twice")
                }
            }
            return .table(members)
        default:
            throw CheckpointError(.malformed, file: file, "has an alias to nothing")
        }
    }

    /// Only a plain scalar can be anything but a text.
    private static func value(of scalar: Node.Scalar) -> ConfigurationValue {
        let text = scalar.string
        guard scalar.style == .plain || scalar.style == .any else { return .string(text) }
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        default: break
        }
        guard text.utf8.count <= 64, let first = text.utf8.first, "+-.0123456789".utf8.contains(first) else {
            return .string(text)
        }
        if let integer = Int(text) { return .integer(integer) }
        if let number = Double(text), number.isFinite { return .number(number) }
        return .string(text)
    }
}
