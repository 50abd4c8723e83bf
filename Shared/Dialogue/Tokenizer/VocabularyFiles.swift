/// Reading the older form of a tokenizer: `vocab.json` and `merges.txt`, with added tokens in files of their own.
extension TokenizerDescription {
    init(
        vocabularyJSON: [UInt8], vocabularyFile: String, mergeLines: [UInt8], mergesFile: String
    ) throws(TokenizerError) {
        self.init()
        try Self.reading(vocabularyJSON, file: vocabularyFile) { reader in
            try readVocabulary(&reader)
            try reader.end()
        }
        let lines = mergeLines.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            // The first line may tell the version; "#" is also a token and thus starts merges further down.
            if line.isEmpty || index == 0 && line.starts(with: "#version".utf8) { continue }
            guard addMerge(line: line) else { throw .malformedMerge(file: mergesFile, line: index + 1) }
        }
    }

    /// `added_tokens_decoder` of `tokenizer_config.json`: tokens by id. Other keys are none of ours.
    mutating func addTokens(configJSON: [UInt8], file: String) throws(TokenizerError) {
        var known = Set(addedTokens.map { Array($0.content.utf8) })
        try Self.reading(configJSON, file: file) { reader in
            try reader.beginObject()
            while let key = try reader.nextKey() {
                guard key == "added_tokens_decoder" else {
                    try reader.skip()
                    continue
                }
                try reader.beginObject()
                while let name = try reader.nextKey() {
                    guard let id = Int(name) else { throw reader.error(.expected("an id as a key before this")) }
                    let token = try Self.readAddedToken(&reader, id: id)
                    if known.insert(Array(token.content.utf8)).inserted { try add(token) }
                }
            }
            try reader.end()
        }
    }

    /// `added_tokens.json`: ids by content. It has no flags; what stands only there is taken as special.
    mutating func addTokens(addedTokensJSON: [UInt8], file: String) throws(TokenizerError) {
        var known = Set(addedTokens.map { Array($0.content.utf8) })
        try Self.reading(addedTokensJSON, file: file) { reader in
            var key: [UInt8] = []
            try reader.beginObject()
            while try reader.nextKey(into: &key) {
                let id = try Self.tokenID(try reader.integer())
                guard known.insert(key).inserted else { continue }
                let content = String(decoding: key, as: UTF8.self)
                try add(AddedToken(id: id, content: content, isSpecial: true, isNormalized: false))
            }
            try reader.end()
        }
    }
}
