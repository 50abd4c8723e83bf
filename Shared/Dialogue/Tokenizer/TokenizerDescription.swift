import Foundation

/// What the files of a tokenizer say, read but not yet put to use.
struct TokenizerDescription {
    var vocabulary = Vocabulary()
    /// Left and right spelling of each merge, end to end, with the places where each ends: an array of 300,000 strings
    /// would cost more than reading them.
    var mergeBytes: [UInt8] = []
    var mergeEnds: [Int] = [0]
    var pattern = SplitPattern.qwen2
    /// Text is normalised to form C.
    var composes = true
    var addedTokens: [AddedToken] = []

    /// Published files stay below 20 MB.
    static let fileBytesMax = 256 << 20

    init() {}

    init(folder: URL) throws(TokenizerError) {
        let json = folder.appending(path: "tokenizer.json")
        let vocabulary = folder.appending(path: "vocab.json")
        let merges = folder.appending(path: "merges.txt")
        if Self.exists(json) {
            try self.init(tokenizerJSON: Self.read(json), file: json.path)
        } else if Self.exists(vocabulary), Self.exists(merges) {
            try self.init(
                vocabularyJSON: Self.read(vocabulary), vocabularyFile: vocabulary.path, mergeLines: Self.read(merges),
                mergesFile: merges.path)
        } else {
            throw .noFiles(folder: folder.path)
        }
        // Older snapshots know some added tokens in these files only. What is known already stands.
        let config = folder.appending(path: "tokenizer_config.json")
        if Self.exists(config) { try addTokens(configJSON: Self.read(config), file: config.path) }
        let added = folder.appending(path: "added_tokens.json")
        if Self.exists(added) { try addTokens(addedTokensJSON: Self.read(added), file: added.path) }
    }

    func merges(over vocabulary: Vocabulary) throws(TokenizerError) -> BytePairMerges {
        let count = (mergeEnds.count - 1) / 2
        var merges = try BytePairMerges(vocabulary: vocabulary, capacity: count)
        for rank in 0..<count {
            try merges.add(
                rank: rank, left: mergeBytes[mergeEnds[2 * rank]..<mergeEnds[2 * rank + 1]],
                right: mergeBytes[mergeEnds[2 * rank + 1]..<mergeEnds[2 * rank + 2]], vocabulary: vocabulary)
        }
        return merges
    }

    // MARK: Building

    mutating func addMerge(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) {
        mergeBytes.append(contentsOf: left)
        mergeEnds.append(mergeBytes.count)
        mergeBytes.append(contentsOf: right)
        mergeEnds.append(mergeBytes.count)
    }

    /// Adds a merge written "left right"; false when it is not.
    mutating func addMerge(line: some Collection<UInt8>) -> Bool {
        let parts = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return false }
        addMerge(parts[0], parts[1])
        return true
    }

    mutating func add(_ token: AddedToken) throws(TokenizerError) {
        let bytes = token.content.utf8.count
        guard bytes > 0 else { throw .emptyAddedToken(id: Int(token.id)) }
        guard bytes <= AddedToken.bytesMax else {
            throw .addedTokenTooLong(id: Int(token.id), bytes: bytes, bytesMax: AddedToken.bytesMax)
        }
        addedTokens.append(token)
    }

    static func tokenID(_ id: Int) throws(TokenizerError) -> Int32 {
        // Far above any vocabulary, far below what could overflow a table of ids.
        guard id >= 0, id < 1 << 24 else { throw .idOutOfRange(id) }
        return Int32(id)
    }

    // MARK: Files

    private static func exists(_ file: URL) -> Bool { FileManager.default.fileExists(atPath: file.path) }

    private static func read(_ file: URL) throws(TokenizerError) -> [UInt8] {
        do {
            let bytes = try file.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
            guard bytes <= fileBytesMax else {
                throw TokenizerError.tooLarge(file: file.path, bytes: bytes, bytesMax: fileBytesMax)
            }
            return Array(try Data(contentsOf: file))
        } catch let error as TokenizerError {
            throw error
        } catch {
            throw .unreadable(file: file.path, reason: "\(error)")
        }
    }
}
