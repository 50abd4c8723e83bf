/// Reads JSON (RFC 8259) front to back, a value at a time, without building a tree: a vocabulary of 150,000 entries goes
/// straight into the tables it is for.
///
/// The caller asks for what it expects; anything else is an error with its place. Nesting is bounded, so that no input
/// can exhaust the stack.
struct JSONReader {
    enum Kind { case object, array, string, number, bool, null }

    private let bytes: [UInt8]
    private(set) var offset = 0
    /// For each open object or array: whether nothing was read in it yet.
    private var isFresh: [Bool] = []

    static let depthMax = 64

    init(_ bytes: [UInt8]) throws(JSONError) {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw JSONError(offset: 0, problem: .notUTF8)
        }
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { offset = 3 }
    }

    // MARK: Structure

    /// What the next value is, without reading it.
    mutating func kind() throws(JSONError) -> Kind {
        skipSpace()
        switch current {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "-"): return .number
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
        case UInt8(ascii: "n"): return .null
        case let digit? where Self.isDigit(digit): return .number
        default: throw error(.expected("a value"))
        }
    }

    mutating func beginObject() throws(JSONError) { try begin(UInt8(ascii: "{"), "an object") }
    mutating func beginArray() throws(JSONError) { try begin(UInt8(ascii: "["), "an array") }

    /// The name of the next member, whose value must be read next; nil at the end of the object.
    ///
    /// A name outside ASCII comes as an empty one, since no key of ours is such: comparing it as a `String` would
    /// normalise it, in time quadratic in its marks.
    mutating func nextKey() throws(JSONError) -> String? {
        var key: [UInt8] = []
        guard try nextKey(into: &key) else { return nil }
        return key.allSatisfy { $0 < 0x80 } ? String(decoding: key, as: UTF8.self) : ""
    }

    /// As `nextKey`, for many keys: the UTF-8 of the name replaces what `key` holds. False at the end of the object.
    mutating func nextKey(into key: inout [UInt8]) throws(JSONError) -> Bool {
        guard try next(before: UInt8(ascii: "}")) else { return false }
        key.removeAll(keepingCapacity: true)
        try readString(into: &key)
        try readColon()
        return true
    }

    /// Whether another element follows, which must be read next; false at the end of the array.
    mutating func nextElement() throws(JSONError) -> Bool { try next(before: UInt8(ascii: "]")) }

    /// Nothing but white space may follow the value.
    mutating func end() throws(JSONError) {
        skipSpace()
        guard offset == bytes.count else { throw error(.expected("the end")) }
    }

    // MARK: Values

    mutating func string() throws(JSONError) -> String {
        var content: [UInt8] = []
        try readString(into: &content)
        return String(decoding: content, as: UTF8.self)
    }

    /// Appends the UTF-8 of the next string.
    mutating func readString(into content: inout [UInt8]) throws(JSONError) {
        skipSpace()
        guard current == UInt8(ascii: "\"") else { throw error(.expected("a string")) }
        offset += 1
        while true {
            let start = offset
            while offset < bytes.count, bytes[offset] != UInt8(ascii: "\""), bytes[offset] != UInt8(ascii: "\\"),
                bytes[offset] >= 0x20
            {
                offset += 1
            }
            content.append(contentsOf: bytes[start..<offset])
            switch current {
            case UInt8(ascii: "\""):
                offset += 1
                return
            case UInt8(ascii: "\\"): try readEscape(into: &content)
            case nil: throw error(.expected("the end of a string"))
            default: throw error(.expected("no raw control character in a string"))
            }
        }
    }

    mutating func integer() throws(JSONError) -> Int {
        skipSpace()
        let start = offset
        try skipNumber()
        guard let value = Int(String(decoding: bytes[start..<offset], as: UTF8.self)) else {
            throw JSONError(offset: start, problem: .expected("a whole number"))
        }
        return value
    }

    mutating func bool() throws(JSONError) -> Bool {
        skipSpace()
        if skipWord("true") { return true }
        if skipWord("false") { return false }
        throw error(.expected("true or false"))
    }

    /// Reads a null, if the next value is one.
    mutating func null() throws(JSONError) -> Bool {
        skipSpace()
        return skipWord("null")
    }

    /// Reads any value and gives its text as it stands.
    mutating func raw() throws(JSONError) -> String {
        skipSpace()
        let start = offset
        try skip()
        return String(decoding: bytes[start..<offset], as: UTF8.self)
    }

    /// Reads any value and forgets it.
    mutating func skip() throws(JSONError) {
        switch try kind() {
        case .object:
            var key: [UInt8] = []
            try beginObject()
            while try nextKey(into: &key) { try skip() }
        case .array:
            try beginArray()
            while try nextElement() { try skip() }
        case .string:
            var content: [UInt8] = []
            try readString(into: &content)
        case .number: try skipNumber()
        case .bool: _ = try bool()
        case .null: guard try null() else { throw error(.expected("null")) }
        }
    }

    func error(_ problem: JSONError.Problem) -> JSONError { JSONError(offset: offset, problem: problem) }
}

// MARK: - Pieces

extension JSONReader {
    private var current: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private mutating func skipSpace() {
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x09, 0x0A, 0x0D: offset += 1
            default: return
            }
        }
    }

    private mutating func begin(_ bracket: UInt8, _ name: String) throws(JSONError) {
        skipSpace()
        guard current == bracket else { throw error(.expected(name)) }
        guard isFresh.count < Self.depthMax else { throw error(.tooDeep) }
        offset += 1
        isFresh.append(true)
    }

    private mutating func next(before bracket: UInt8) throws(JSONError) -> Bool {
        skipSpace()
        let fresh = isFresh.last ?? true
        if current == bracket {
            offset += 1
            _ = isFresh.popLast()
            return false
        }
        if fresh {
            if !isFresh.isEmpty { isFresh[isFresh.count - 1] = false }
            return true
        }
        guard current == UInt8(ascii: ",") else { throw error(.expected("a comma or the end of the list")) }
        offset += 1
        return true
    }

    private mutating func readColon() throws(JSONError) {
        skipSpace()
        guard current == UInt8(ascii: ":") else { throw error(.expected("a colon")) }
        offset += 1
    }

    private mutating func readEscape(into content: inout [UInt8]) throws(JSONError) {
        let start = offset
        offset += 1
        guard let letter = current else { throw error(.expected("an escape")) }
        offset += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(letter)
        case UInt8(ascii: "b"): content.append(0x08)
        case UInt8(ascii: "f"): content.append(0x0C)
        case UInt8(ascii: "n"): content.append(0x0A)
        case UInt8(ascii: "r"): content.append(0x0D)
        case UInt8(ascii: "t"): content.append(0x09)
        case UInt8(ascii: "u"):
            var value = try readHex()
            if value & 0xFC00 == 0xD800, skipWord("\\u") {
                let low = try readHex()
                guard low & 0xFC00 == 0xDC00 else { throw JSONError(offset: start, problem: .loneSurrogate) }
                value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(value) else {
                throw JSONError(offset: start, problem: .loneSurrogate)
            }
            content.append(contentsOf: UTF8.encode(scalar).map { Array($0) } ?? [])
        default: throw JSONError(offset: start, problem: .expected("an escape"))
        }
    }

    private mutating func readHex() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let letter = current, let digit = Character(Unicode.Scalar(letter)).hexDigitValue else {
                throw error(.expected("four hexadecimal digits"))
            }
            value = value << 4 | UInt32(digit)
            offset += 1
        }
        return value
    }

    private mutating func skipNumber() throws(JSONError) {
        let start = offset
        _ = skipWord("-")
        let whole = skipDigits()
        guard whole > 0, whole == 1 || bytes[offset - whole] != UInt8(ascii: "0") else {
            throw JSONError(offset: start, problem: .expected("a number"))
        }
        if skipWord("."), skipDigits() == 0 { throw error(.expected("digits")) }
        if skipWord("e") || skipWord("E") {
            _ = skipWord("+") || skipWord("-")
            if skipDigits() == 0 { throw error(.expected("digits")) }
        }
    }

    private mutating func skipDigits() -> Int {
        let start = offset
        while let digit = current, Self.isDigit(digit) { offset += 1 }
        return offset - start
    }

    private mutating func skipWord(_ word: String) -> Bool {
        guard bytes[offset...].starts(with: word.utf8) else { return false }
        offset += word.utf8.count
        return true
    }
}
