import Dialogue
import Foundation
import TestSupport
import Testing

/// JSONL items against the original's reading of them (golden/README.md, `text/normalize`).
@Suite struct GoldenDialogueItemTests {
    @Test(
        arguments: GoldenCase.all(below: "text/normalize", where: { !$0.facts["cases"][0]["item"].isNull }),
        DialogueVersion.allCases)
    func readsWhatTheOriginalReads(golden: GoldenCase, version: DialogueVersion) throws {
        let cases = golden.facts["cases"].array
        try #require(!cases.isEmpty)
        for fact in cases {
            let json = Array(try fact["item"].jsonBytes())
            let expected = fact[version.rawValue]
            let comment: Comment = "case \(fact["id"])"
            if expected["error"].string != nil {
                #expect(throws: DialogueItemError.self, comment) { try DialogueItem(json: json, version: version) }
                continue
            }
            let ok = expected["ok"]
            try #require(!ok.isNull, comment)
            let item = try DialogueItem(json: json, version: version)
            #expect(item.text == ok["text"].string, comment)
            #expect(item.promptText == ok["prompt_text"].string, comment)
            #expect(try item.promptAudio.asJSON() == ok["prompt_audio"], comment)
            if expected["full_text_error"].string != nil {
                #expect(throws: DialogueItemError.self, comment) { try item.fullText() }
            } else {
                let full = try #require(expected["full_text"].string, comment)
                #expect(try item.fullText() == full, comment)
            }
        }
    }
}

extension DialogueItem.PromptAudio {
    func asJSON() throws -> JSONValue {
        switch self {
        case .shared(let audio): try audio.asJSON()
        case .perSpeaker(let first, let second):
            .object(["speaker1": try first.asJSON(), "speaker2": try second.asJSON()])
        }
    }
}

extension DialogueItem.Audio {
    func asJSON() throws -> JSONValue {
        switch self {
        case .path(let path): .string(path)
        case .null: .null
        case .other(let json): try JSONDecoder().decode(JSONValue.self, from: Data(json.utf8))
        }
    }
}
