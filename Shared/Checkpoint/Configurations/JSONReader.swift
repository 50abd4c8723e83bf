/// JSON (RFC 8259), with what a file from a stranger needs: a name that stands twice is an error, nesting is bounded,
/// and time and memory are linear in the text.
struct JSONReader {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0
    private let file: String
    private static let depthMax = 64

    /// The value of a whole text.
    static func parse(_ bytes: UnsafeRawBufferPointer, file: String) throws(CheckpointError) -> ConfigurationValue {
        var reader = JSONReader(bytes: bytes, file: file)
        let value = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.position == bytes.count else { throw reader.malformed("text goes on after the value") }
        return value
    }

    private init(bytes: UnsafeRawBufferPointer, file: String) {
        self.bytes = bytes
        self.file = file
    }

    private func malformed(_ what: String) -> CheckpointError {
        CheckpointError(.malformed, file: file, "is not JSON: \(what) at byte \(position)")
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    /// Steps over the byte if it comes next, after white space.
    private mutating func take(_ character: Character) -> Bool {
        skipSpace()
        guard next == character.asciiValue else { return false }
        position += 1
        return true
    }

    private mutating func value(depth: Int) throws(CheckpointError) -> ConfigurationValue {
        guard depth < Self.depthMax else { throw malformed("more than \(Self.depthMax) levels of nesting") }
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return try table(depth: depth)
        case UInt8(ascii: "["): return try list(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case nil: throw malformed("the text ends")
        default: return try number()
        }
    }

    private mutating func word(_ word: StaticString, _ value: ConfigurationValue) throws(CheckpointError)
        -> ConfigurationValue
    {
        let count = word.utf8CodeUnitCount
        guard position + count <= bytes.count,
            (0..<count).allSatisfy({ bytes[position + $0] == word.utf8Start[$0] })
        else { throw malformed("no value") }
        position += count
        return value
    }

    private mutating func table(depth: Int) throws(CheckpointError) -> ConfigurationValue {
        position += 1
        var members: [String: ConfigurationValue] = [:]
        if take("}") { return .table(members) }
        repeat {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw malformed("no name") }
            let name = try string()
            guard take(":") else { throw malformed("no colon after a name") }
            let value = try value(depth: depth + 1)
            guard members.updateValue(value, forKey: name) == nil else {
                throw CheckpointError(.duplicate, file: file, subject: name, "this name stands twice")
            }
        } while take(",")
        guard take("}") else { throw malformed("no end of a table") }
        return .table(members)
    }

    private mutating func list(depth: Int) throws(CheckpointError) -> ConfigurationValue {
        position += 1
        var elements: [ConfigurationValue] = []
        if take("]") { return .list(elements) }
        repeat { elements.append(try value(depth: depth + 1)) } while take(",")
        guard take("]") else { throw malformed("no end of a list") }
        return .list(elements)
    }

    private mutating func number() throws(CheckpointError) -> ConfigurationValue {
        let start = position
        var isInteger = true
        scan: while let byte = next {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): break
            case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "+"): isInteger = false
            default: break scan
            }
            position += 1
        }
        // No number that is worth anything has more digits; longer ones would only cost time.
        guard (1...64).contains(position - start) else { throw malformed("no value") }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger, let value = Int(text) { return .integer(value) }
        if let value = Double(text), value.isFinite { return .number(value) }
        throw malformed("a number that cannot be read")
    }

    private mutating func string() throws(CheckpointError) -> String {
        position += 1
        let start = position
        var units: [UInt8]?
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                let end = position
                position += 1
                let text =
                    units.map { String(validating: $0, as: UTF8.self) }
                    ?? String(validating: bytes[start..<end], as: UTF8.self)
                guard let text else { throw malformed("a text that is not UTF-8, before here") }
                return text
            case UInt8(ascii: "\\"):
                var written = units ?? Array(bytes[start..<position])
                position += 1
                written.append(contentsOf: try escape())
                units = written
            case 0..<0x20:
                throw malformed("a control character in a text")
            default:
                units?.append(byte)
                position += 1
            }
        }
        throw malformed("no end of a text")
    }

    /// The UTF-8 of what follows a backslash.
    private mutating func escape() throws(CheckpointError) -> [UInt8] {
        guard let byte = next else { throw malformed("the text ends") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"):
            let first = try hexUnit()
            guard (0xD800..<0xE000).contains(first) else { return utf8(of: first) }
            let isPair =
                first < 0xDC00 && position + 1 < bytes.count && bytes[position] == UInt8(ascii: "\\")
                && bytes[position + 1] == UInt8(ascii: "u")
            guard isPair else { throw malformed("half of a surrogate pair") }
            position += 2
            let second = try hexUnit()
            guard (0xDC00..<0xE000).contains(second) else { throw malformed("half of a surrogate pair") }
            return utf8(of: 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        default:
            throw malformed("an unknown escape")
        }
    }

    private mutating func hexUnit() throws(CheckpointError) -> UInt32 {
        guard position + 4 <= bytes.count else { throw malformed("the text ends") }
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Character(UnicodeScalar(bytes[position])).hexDigitValue else {
                throw malformed("no hexadecimal digit")
            }
            value = value << 4 + UInt32(digit)
            position += 1
        }
        return value
    }

    private func utf8(of scalar: UInt32) -> [UInt8] {
        Array(String(Character(UnicodeScalar(scalar) ?? "\u{FFFD}")).utf8)
    }
}
