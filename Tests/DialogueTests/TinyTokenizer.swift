import Dialogue
import Foundation

/// A tokenizer small enough to write down: all bytes, a few merges, the tokens of a dialogue model.
struct TinyTokenizer {
    static let pattern =
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    static let speechTokenStart = 2000

    var merges = [("h", "a"), ("ha", "ha"), ("a", "h"), ("a", "a"), ("Ġ", "h"), ("Ġh", "a"), ("aa", "aa"), ("b", "a")]
    var added = [
        "<|pad|>", "<|begin_of_style|>", "<|end_of_style|>", "<|begin_of_text|>", "<|end_of_text|>",
        "<|begin_of_speech|>", "<|end_of_speech|>", "<speaker1>", "<speaker2>", "<tool>", "<tool>x",
    ]
    /// Added tokens from this one on are not special.
    var plainFrom = 9

    /// The alphabet of byte-level vocabularies, written down anew.
    static let alphabet: [String] = {
        let printable = Set(0x21...0x7E).union(0xA1...0xAC).union(0xAE...0xFF)
        var next = 0x100
        return (0...255).map { byte in
            defer { if !printable.contains(byte) { next += 1 } }
            return UnicodeScalar(UInt32(printable.contains(byte) ? byte : next)).map(String.init) ?? ""
        }
    }()

    var vocabulary: [String: Int] {
        var ids: [String: Int] = [:]
        for (id, token) in (Self.alphabet + merges.map { $0 + $1 }).enumerated() { ids[token] = id }
        return ids
    }

    var addedIDs: [(String, Int)] { added.enumerated().map { ($1, 1000 + $0) } }

    private func flags(_ index: Int) -> [String: Any] {
        [
            "special": index < plainFrom, "normalized": false, "lstrip": false, "rstrip": false, "single_word": false,
        ]
    }

    /// Everything `tokenizer.json` says, for tests to change.
    func json(mergesAsPairs: Bool = true) -> [String: Any] {
        [
            "version": "1.0", "truncation": NSNull(), "padding": NSNull(),
            "added_tokens": addedIDs.enumerated().map { index, token in
                flags(index).merging(["id": token.1, "content": token.0]) { $1 }
            },
            "normalizer": ["type": "NFC"],
            "pre_tokenizer": [
                "type": "Sequence",
                "pretokenizers": [
                    ["type": "Split", "pattern": ["Regex": Self.pattern], "behavior": "Isolated", "invert": false],
                    ["type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false],
                ] as [[String: Any]],
            ],
            "post_processor": NSNull(), "decoder": ["type": "ByteLevel"],
            "model": [
                "type": "BPE", "dropout": NSNull(), "unk_token": NSNull(), "byte_fallback": false,
                "vocab": vocabulary,
                "merges": merges.map { left, right -> Any in mergesAsPairs ? [left, right] : "\(left) \(right)" },
            ] as [String: Any],
        ]
    }

    static func bytes(_ json: [String: Any]) throws -> [UInt8] {
        Array(try JSONSerialization.data(withJSONObject: json, options: [.sortedKeys]))
    }

    func tokenizer() throws -> Tokenizer { try Tokenizer(tokenizerJSON: Self.bytes(json())) }

    /// The same in the older files.
    func writeOlderFiles(to folder: URL, lineEnd: String, addedTokensFile: Bool) throws {
        func write(_ content: Any, _ name: String) throws {
            try JSONSerialization.data(withJSONObject: content).write(to: folder.appending(path: name))
        }
        try write(vocabulary, "vocab.json")
        let lines = ["#version: 0.2"] + merges.map { "\($0) \($1)" } + [""]
        try Data(lines.joined(separator: lineEnd).utf8).write(to: folder.appending(path: "merges.txt"))
        if addedTokensFile {
            try write(Dictionary(uniqueKeysWithValues: addedIDs), "added_tokens.json")
        } else {
            var decoder: [String: Any] = [:]
            for (index, token) in addedIDs.enumerated() {
                decoder["\(token.1)"] = flags(index).merging(["content": token.0]) { $1 }
            }
            try write(["added_tokens_decoder": decoder, "model_max_length": 1e30], "tokenizer_config.json")
        }
    }
}
