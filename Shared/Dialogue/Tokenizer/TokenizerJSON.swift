/// Reading `tokenizer.json` (the format of Hugging Face's tokenizers).
extension TokenizerDescription {
    init(tokenizerJSON bytes: [UInt8], file: String) throws(TokenizerError) {
        self.init()
        var seen: Set<String> = []
        try Self.reading(bytes, file: file) { (reader) throws in
            try reader.beginObject()
            while let key = try reader.nextKey() {
                seen.insert(key)
                switch key {
                case "model": try readModel(&reader, file: file)
                case "added_tokens": try readAddedTokens(&reader)
                case "normalizer": composes = try Self.readNormalizer(&reader)
                case "pre_tokenizer": pattern = try Self.readPreTokenizer(&reader, file: file)
                case "post_processor", "decoder": try Self.requireByteLevel(&reader, setting: key)
                default: try reader.skip()
                }
            }
            try reader.end()
        }
        for key in ["model", "pre_tokenizer"] where !seen.contains(key) { throw .missing(file: file, key: key) }
        composes = composes && seen.contains("normalizer")
    }

    /// Runs `read` over the whole of a file, and says in errors which file it was.
    static func reading(
        _ bytes: [UInt8], file: String, _ read: (inout JSONReader) throws -> Void
    ) throws(TokenizerError) {
        do {
            var reader = try JSONReader(bytes)
            try read(&reader)
        } catch let error as JSONError {
            throw .malformedJSON(file: file, error)
        } catch let error as TokenizerError {
            throw error
        } catch {
            throw .unreadable(file: file, reason: "\(error)")
        }
    }

    // MARK: Model

    private mutating func readModel(_ reader: inout JSONReader, file: String) throws {
        var hasVocabulary = false
        var hasMerges = false
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key {
            case "type": try Self.require("BPE", &reader, setting: "model type")
            case "vocab":
                try readVocabulary(&reader)
                hasVocabulary = true
            case "merges":
                try readMerges(&reader)
                hasMerges = true
            case "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "byte_fallback",
                "ignore_merges":
                let value = try reader.raw()
                guard ["null", "false", "\"\"", "0", "0.0"].contains(value) else {
                    throw TokenizerError.unsupported(setting: key, value: value)
                }
            default: try reader.skip()
            }
        }
        if !hasVocabulary { throw TokenizerError.missing(file: file, key: "model.vocab") }
        if !hasMerges { throw TokenizerError.missing(file: file, key: "model.merges") }
    }

    mutating func readVocabulary(_ reader: inout JSONReader) throws {
        var spelling: [UInt8] = []
        try reader.beginObject()
        while try reader.nextKey(into: &spelling) {
            try vocabulary.add(spelling, id: Int(Self.tokenID(try reader.integer())))
        }
    }

    /// A merge is `["a", "b"]` or, in older files, `"a b"`.
    private mutating func readMerges(_ reader: inout JSONReader) throws {
        var left: [UInt8] = []
        var right: [UInt8] = []
        try reader.beginArray()
        while try reader.nextElement() {
            left.removeAll(keepingCapacity: true)
            if try reader.kind() == .string {
                try reader.readString(into: &left)
                guard addMerge(line: left) else { throw reader.error(.expected("two tokens and one space between")) }
                continue
            }
            right.removeAll(keepingCapacity: true)
            try reader.beginArray()
            guard try reader.nextElement() else { throw reader.error(.expected("two tokens")) }
            try reader.readString(into: &left)
            guard try reader.nextElement() else { throw reader.error(.expected("two tokens")) }
            try reader.readString(into: &right)
            guard try !reader.nextElement() else { throw reader.error(.expected("two tokens")) }
            addMerge(left, right)
        }
    }

    // MARK: Added tokens

    private mutating func readAddedTokens(_ reader: inout JSONReader) throws {
        try reader.beginArray()
        while try reader.nextElement() {
            try add(Self.readAddedToken(&reader, id: nil))
        }
    }

    /// - Parameter id: where the file gives it beside the token rather than in it.
    static func readAddedToken(_ reader: inout JSONReader, id: Int?) throws -> AddedToken {
        var id = id
        var content: String?
        var flags: [String: Bool] = [:]
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key {
            case "id": id = try reader.integer()
            case "content": content = try reader.string()
            case "special", "normalized", "lstrip", "rstrip", "single_word": flags[key] = try reader.bool()
            default: try reader.skip()
            }
        }
        guard let id, let content else { throw reader.error(.expected("an id and a content before this")) }
        for flag in ["lstrip", "rstrip", "single_word"] where flags[flag] == true {
            throw TokenizerError.unsupported(
                setting: "\(flag) of added token \(content.debugDescription)", value: "true")
        }
        let isSpecial = flags["special"] ?? false
        return AddedToken(
            id: try tokenID(id), content: content, isSpecial: isSpecial,
            isNormalized: flags["normalized"] ?? !isSpecial)
    }

    // MARK: Settings

    private static func readNormalizer(_ reader: inout JSONReader) throws -> Bool {
        if try reader.null() { return false }
        try reader.beginObject()
        while let key = try reader.nextKey() {
            if key == "type" { try require("NFC", &reader, setting: "normalizer") } else { try reader.skip() }
        }
        return true
    }

    /// A `Sequence` of one `Split` by a known expression and a `ByteLevel` that does not split again.
    private static func readPreTokenizer(_ reader: inout JSONReader, file: String) throws -> SplitPattern {
        var pattern: SplitPattern?
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key {
            case "type": try require("Sequence", &reader, setting: "pre_tokenizer")
            case "pretokenizers":
                try reader.beginArray()
                while try reader.nextElement() {
                    guard let found = try readPreTokenizerStep(&reader, file: file) else { continue }
                    guard pattern == nil else {
                        throw TokenizerError.unsupported(setting: "pre_tokenizer", value: "two splits")
                    }
                    pattern = found
                }
            default: try reader.skip()
            }
        }
        guard let pattern else { throw TokenizerError.missing(file: file, key: "a Split in pre_tokenizer") }
        return pattern
    }

    private static func readPreTokenizerStep(_ reader: inout JSONReader, file: String) throws -> SplitPattern? {
        var type: String?
        var expression: String?
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key {
            case "type": type = try reader.string()
            case "behavior": try require("Isolated", &reader, setting: "pre_tokenizer behavior")
            case "invert", "add_prefix_space", "use_regex":
                if try reader.bool() {
                    throw TokenizerError.unsupported(setting: "pre_tokenizer \(key)", value: "true")
                }
            case "pattern":
                try reader.beginObject()
                while let kind = try reader.nextKey() {
                    let value = try reader.string()
                    guard kind == "Regex" else {
                        throw TokenizerError.unsupported(setting: "pre_tokenizer pattern \(kind)", value: value)
                    }
                    expression = value
                }
            default: try reader.skip()
            }
        }
        switch type {
        case "ByteLevel": return nil
        case "Split":
            guard let expression else { throw TokenizerError.missing(file: file, key: "pattern of pre_tokenizer") }
            return try SplitPattern(expression: expression)
        default: throw TokenizerError.unsupported(setting: "pre_tokenizer step", value: type ?? "null")
        }
    }

    private static func requireByteLevel(_ reader: inout JSONReader, setting: String) throws {
        if try reader.null() { return }
        try reader.beginObject()
        while let key = try reader.nextKey() {
            if key == "type" { try require("ByteLevel", &reader, setting: setting) } else { try reader.skip() }
        }
    }

    private static func require(_ wanted: String, _ reader: inout JSONReader, setting: String) throws {
        let value = try reader.string()
        guard value.utf8.elementsEqual(wanted.utf8) else {
            throw TokenizerError.unsupported(setting: setting, value: value)
        }
    }
}
