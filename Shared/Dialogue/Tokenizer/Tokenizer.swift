public import Foundation

/// The byte-level byte-pair tokenizer of a language model, as its files describe it.
///
/// Encoding cuts the text at added tokens, normalises what lies between to form C where the files say so, splits it into
/// words and merges each word's bytes. No token is added at either end. Every text has ids, and ids of text decode to
/// that text in form C. Time is O(n log n) for any text.
public struct Tokenizer: Sendable {
    private let vocabulary: Vocabulary
    private let merges: BytePairMerges
    private let pattern: SplitPattern
    private let composes: Bool
    private let addedTokens: [Int32: AddedToken]
    private let addedIDs: [[UInt8]: Int32]
    private let rawMatcher: AddedTokenMatcher
    private let normalizedMatcher: AddedTokenMatcher

    /// One more than the highest id: the rows that an embedding of all tokens has at least.
    public let vocabularySize: Int

    /// Reads `tokenizer.json` or, where there is none, `vocab.json` with `merges.txt`; added tokens also from
    /// `tokenizer_config.json` and `added_tokens.json`.
    ///
    /// - Parameter folder: usually that of the language model.
    public init(folder: URL) throws(TokenizerError) {
        try self.init(TokenizerDescription(folder: folder))
    }

    /// - Parameter tokenizerJSON: the content of a `tokenizer.json`.
    public init(tokenizerJSON: [UInt8]) throws(TokenizerError) {
        try self.init(TokenizerDescription(tokenizerJSON: tokenizerJSON, file: "tokenizer.json"))
    }

    init(_ description: TokenizerDescription) throws(TokenizerError) {
        var vocabulary = description.vocabulary
        try vocabulary.seal()
        self.vocabulary = vocabulary
        merges = try description.merges(over: vocabulary)
        pattern = description.pattern
        composes = description.composes

        var tokens: [Int32: AddedToken] = [:]
        var ids: [[UInt8]: Int32] = [:]
        for token in description.addedTokens {
            tokens[token.id] = token
            ids[Array(token.content.utf8)] = token.id
        }
        addedTokens = tokens
        addedIDs = ids
        let composes = composes
        func matcher(normalized: Bool) -> AddedTokenMatcher {
            let wanted = description.addedTokens.filter { $0.isNormalized == normalized }
            return AddedTokenMatcher(
                wanted.map { token in
                    let content = Array(token.content.utf8)
                    return (normalized && composes ? CanonicalComposition.compose(content[...]) : content, token.id)
                })
        }
        rawMatcher = matcher(normalized: false)
        normalizedMatcher = matcher(normalized: true)
        vocabularySize = max(vocabulary.idsEnd, Int(tokens.keys.max() ?? -1) + 1)
    }

    // MARK: Text to ids

    public func encode(_ text: String) -> [Int32] {
        var ids: [Int32] = []
        rawMatcher.cut(
            Array(text.utf8)[...],
            plain: { piece in
                let normalized = composes ? CanonicalComposition.compose(piece) : Array(piece)
                normalizedMatcher.cut(
                    normalized[...],
                    plain: { words in pattern.split(words) { merges.encode($0, into: &ids) } },
                    token: { ids.append($0) })
            },
            token: { ids.append($0) })
        return ids
    }

    /// The id of the token that is written as `content`: an added token, or one of the vocabulary in its own spelling.
    public func id(of content: String) -> Int32? {
        let spelling = Array(content.utf8)
        return addedIDs[spelling] ?? vocabulary.id(of: spelling)
    }

    /// Added tokens that are written out in `text`, in order: such text would be read as more than text.
    public func addedTokens(in text: String) -> [String] {
        var found: [String] = []
        let note = { (id: Int32) in found.append(addedTokens[id]?.content ?? "") }
        rawMatcher.cut(
            Array(text.utf8)[...], plain: { normalizedMatcher.cut($0, plain: { _ in }, token: note) }, token: note)
        return found
    }

    // MARK: Ids to text

    /// - Parameter skipSpecialTokens: leaves special added tokens out.
    /// - Returns: the text; bytes that are no UTF-8 become U+FFFD, ids of no token nothing.
    public func decode(_ ids: some Sequence<Int32>, skipSpecialTokens: Bool = false) -> String {
        var bytes: [UInt8] = []
        for id in ids {
            if let added = addedTokens[id] {
                if !(added.isSpecial && skipSpecialTokens) { bytes.append(contentsOf: added.content.utf8) }
            } else if let token = vocabulary.bytes(of: id) {
                bytes.append(contentsOf: token)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
