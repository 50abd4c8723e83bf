import Dialogue
import TestSupport
import Testing

/// The tokenizer against the original's (golden/README.md, `text/tokenizer`).
@Suite struct GoldenTokenizerTests {
    @Test(arguments: GoldenCase.all(below: "text/tokenizer"))
    func writesAndReadsTheSameIDs(golden: GoldenCase) throws {
        let folder = golden.resolve(try #require(golden.facts["tokenizer_dir"].string))
        let tokenizer = try Tokenizer(folder: folder)
        let meta = golden.facts["tokenizer_meta"]
        #expect(tokenizer.vocabularySize == meta["total_size"].int)
        let specials = meta["special_ids"].object
        #expect(!specials.isEmpty)
        for (content, id) in specials {
            #expect(tokenizer.id(of: content).map(Int.init) == id.int, "\(content)")
        }
        let cases = golden.facts["cases"].array
        try #require(!cases.isEmpty)
        for fact in cases {
            let text = try #require(fact["text"].string)
            let ids = fact["ids"].array.compactMap(\.int).map(Int32.init)
            #expect(tokenizer.encode(text) == ids, "case \(fact["id"])")
            let decoded = try #require(fact["decoded"].string)
            #expect(Array(tokenizer.decode(ids).utf8) == Array(decoded.utf8), "case \(fact["id"])")
            let readable = try #require(fact["decoded_skip_special"].string)
            let read = tokenizer.decode(ids, skipSpecialTokens: true)
            #expect(Array(read.utf8) == Array(readable.utf8), "case \(fact["id"])")
        }
    }
}
