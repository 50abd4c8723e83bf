import Dialogue
import Foundation
import TestSupport
import Testing

/// Files that are no tokenizer, or another one than we would make of them, are refused with the reason.
@Suite struct TokenizerFileTests {
    private func loading(_ change: (inout [String: Any]) -> Void) throws -> Tokenizer {
        var json = TinyTokenizer().json()
        change(&json)
        return try Tokenizer(tokenizerJSON: TinyTokenizer.bytes(json))
    }

    private func changingModel(_ key: String, to value: Any?) throws -> Tokenizer {
        try loading { json in
            var model = json["model"] as? [String: Any] ?? [:]
            model[key] = value
            json["model"] = model
        }
    }

    @Test func namesWhatIsMissing() {
        for key in ["model", "pre_tokenizer"] {
            #expect(throws: TokenizerError.missing(file: "tokenizer.json", key: key)) {
                try loading { $0[key] = nil }
            }
        }
        for key in ["vocab", "merges"] {
            #expect(throws: TokenizerError.missing(file: "tokenizer.json", key: "model.\(key)")) {
                try changingModel(key, to: nil)
            }
        }
    }

    @Test(arguments: [
        ("type", "Unigram" as any Sendable), ("dropout", 0.1), ("unk_token", "<unk>"), ("byte_fallback", true),
        ("ignore_merges", true), ("end_of_word_suffix", "</w>"), ("continuing_subword_prefix", "##"),
    ])
    func refusesModelsThatWouldGiveOtherIDs(key: String, value: any Sendable) {
        let error = #expect(throws: TokenizerError.self) { try changingModel(key, to: value) }
        guard case .unsupported? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func refusesStepsThatWouldGiveOtherIDs() {
        #expect(throws: TokenizerError.unsupported(setting: "normalizer", value: "NFKC")) {
            try loading { $0["normalizer"] = ["type": "NFKC"] }
        }
        #expect(throws: TokenizerError.unsupported(setting: "post_processor", value: "TemplateProcessing")) {
            try loading { $0["post_processor"] = ["type": "TemplateProcessing"] }
        }
        #expect(throws: TokenizerError.unsupported(setting: "pre_tokenizer pattern", value: #"\w+"#)) {
            try loading {
                $0["pre_tokenizer"] = [
                    "type": "Sequence", "pretokenizers": [["type": "Split", "pattern": ["Regex": #"\w+"#]]],
                ]
            }
        }
        #expect(throws: TokenizerError.unsupported(setting: "rstrip of added token \"x\"", value: "true")) {
            try loading { $0["added_tokens"] = [["id": 1, "content": "x", "rstrip": true]] }
        }
    }

    @Test func refusesTablesThatDoNotFit() {
        #expect(throws: TokenizerError.mergeOutsideVocabulary(merge: 0, token: "zz")) {
            try changingModel("merges", to: [["zz", "a"]])
        }
        #expect(throws: TokenizerError.mergeOutsideVocabulary(merge: 1, token: "ab")) {
            try changingModel("merges", to: ["h a", "a b"])
        }
        #expect(throws: TokenizerError.byteWithoutToken(UInt8(ascii: "Q"))) {
            var vocabulary = TinyTokenizer().vocabulary
            vocabulary["Q"] = nil
            return try changingModel("vocab", to: vocabulary)
        }
        for id in [-1, 1 << 40] {
            #expect(throws: TokenizerError.idOutOfRange(id)) { try changingModel("vocab", to: ["a": id]) }
        }
        #expect(throws: TokenizerError.idOutOfRange(9_000_000)) { try changingModel("vocab", to: ["a": 9_000_000]) }
        #expect(throws: TokenizerError.emptyAddedToken(id: 5)) {
            try loading { $0["added_tokens"] = [["id": 5, "content": ""]] }
        }
        #expect(throws: TokenizerError.addedTokenTooLong(id: 5, bytes: 5000, bytesMax: 1024)) {
            try loading { $0["added_tokens"] = [["id": 5, "content": String(repeating: "x", count: 5000)]] }
        }
    }

    @Test(arguments: [
        "", "{", "[]", "{\"model\": {\"vocab\": {\"a\": 1.5}}}", "{\"model\": {\"vocab\": {\"a\": }}}",
        "{\"model\": 3}",
        "{\"model\": {\"merges\": [\"ab\"]}}", "{\"model\": {\"merges\": [[\"a\"]]}}",
        "{\"model\": {\"merges\": [[\"a\",\"b\",\"c\"]]}}",
        "{\"x\": \"\\ud800\"}", "{\"x\": \"\\uZZZZ\"}", "{\"x\": tru}", "{\"x\": 01}", "{\"x\": 1.}", "{\"x\": 1e}",
        "{\"x\": \"\u{1}\"}",
        "{\"x\" 1}", "{\"x\": [1,]}", "{\"x\": [1 2]}", "{} x", "{\"added_tokens\": [{\"id\": 1}]}",
        String(repeating: "[", count: 100_000), "{\"x\":" + String(repeating: "[", count: 100_000),
    ])
    func saysWhereJSONIsMalformed(json: String) {
        let error = #expect(throws: TokenizerError.self) { try Tokenizer(tokenizerJSON: Array(json.utf8)) }
        guard case .malformedJSON("tokenizer.json", _)? = error else {
            // A document that is JSON and says too little ends otherwise.
            #expect(json == "{} x", "\(String(describing: error))")
            return
        }
    }

    @Test func refusesBytesThatAreNoText() {
        #expect(throws: TokenizerError.self) { try Tokenizer(tokenizerJSON: [0x7B, 0xFF, 0x7D]) }
    }

    @Test func saysWhichFilesAFolderLacks() throws {
        let folder = try ScratchFolder()
        #expect(throws: TokenizerError.noFiles(folder: folder.url.path)) { try Tokenizer(folder: folder.url) }
        try TinyTokenizer().writeOlderFiles(to: folder.url, lineEnd: "\n", addedTokensFile: true)
        let merges = folder.url.appending(path: "merges.txt")
        try Data("#version: 0.2\nh a\nha\n".utf8).write(to: merges)
        #expect(throws: TokenizerError.malformedMerge(file: merges.path, line: 3)) { try Tokenizer(folder: folder.url) }
        try Data("not json".utf8).write(to: folder.url.appending(path: "tokenizer.json"))
        #expect(throws: TokenizerError.self) { try Tokenizer(folder: folder.url) }
    }
}
