import Dialogue
import Foundation
import TestSupport
import Testing
import Tokens

/// Prompts against the original's (golden/README.md, `text/prompt`).
@Suite struct GoldenPromptTests {
    @Test(arguments: GoldenCase.all(below: "text/prompt", where: { $0.facts["members"].isNull }))
    func startsFromTheSameRows(golden: GoldenCase) throws {
        let facts = golden.facts
        let tensors = try golden.tensors()
        let expected = try tensors.require("input_ids")
        let channels = try #require(expected.shape.last)
        let pattern = DelayPattern(
            textPad: try #require(facts["pad_token_id"].int), speechPad: try #require(facts["speech_pad_token"].int),
            channels: channels, speechTokenStart: try #require(facts["speech_token_offset"].int))
        let versionName = try #require(facts["version"].string)
        let version = try #require(DialogueVersion(rawValue: versionName))
        let builder = try PromptBuilder(
            tokenizer: SharedTokenizers.tokenizer(golden.resolve(try #require(facts["tokenizer"].string))),
            version: version, pattern: pattern,
            layout: PromptLayout(systemText: try #require(facts["system_prompt"].string)))

        let script = try #require(facts["text"].string)
        let promptText = facts["prompt_text"].string ?? ""
        let normalize = try #require(facts["use_normalize"].bool as Bool?)
        let codes = tensors["codes"].map { CodeMatrix(golden: $0) }
        #expect(codes?.frames == facts["n_codes"].int)

        let text = builder.text(script: script, promptText: promptText, normalize: normalize)
        let final = PromptLayout.withSpeakerTokens(text)
        #expect(Array(final.utf8) == Array(try #require(facts["final_text"].string).utf8))
        let sequence = builder.layout.sequence(final)
        #expect(Array(sequence.utf8) == Array(try #require(facts["sequence"].string).utf8))
        let rows = try builder.rows(sequence: sequence, promptCodes: codes)
        #expect(rows.ids == expected.int32s)
        #expect(rows.rows == expected.shape.first)
        let grid = try builder.grid(
            script: script, promptText: promptText, promptCodes: codes, normalize: normalize, readsReservedTokens: true)
        #expect(grid.ids == (try tensors.require("shifted").int32s))
    }

    @Test(arguments: GoldenCase.all(below: "text/prompt", where: { !$0.facts["members"].isNull }))
    func standsSideBySideAsInTheOriginal(golden: GoldenCase) throws {
        let expected = try golden.tensors().require("input_ids")
        let mask = try golden.tensors().require("attention_mask")
        let (items, rows, channels) = (expected.shape[0], expected.shape[1], expected.shape[2])
        let members = golden.facts["members"].array.compactMap(\.string)
        try #require(members.count == items)
        var pads: [Int32] = []
        let grids = try members.map { member in
            let folder = golden.resolve(member)
            let shifted = try GoldenTensors(file: folder.appending(path: "tensors.safetensors")).require("shifted")
            let facts = try JSONValue(file: folder.appending(path: "case.json"))
            let textPad = Int32(try #require(golden.facts["pad_token_id"].int))
            let speechPad = Int32(try #require(facts["speech_pad_token"].int))
            pads = [textPad] + Array(repeating: speechPad, count: channels - 1)
            return TokenGrid(channels: channels, ids: shifted.int32s)
        }
        let batch = PaddedBatch(grids, pads: pads)
        #expect(batch.rows == rows)
        #expect(batch.grids.flatMap(\.ids) == expected.int32s)
        #expect(batch.leadingPads == golden.facts["pad_lengths"].array.compactMap(\.int))
        #expect(
            (0..<items).flatMap { batch.attends(item: $0) }
                == (mask.dtype == "I32" ? mask.int32s.map { $0 != 0 } : mask.floats.map { $0 != 0 }))
    }
}

/// Each tokenizer of the golden cases, read once.
enum SharedTokenizers {
    private final class Cache: @unchecked Sendable {
        // Both only under `lock`.
        let lock = NSLock()
        var known: [URL: Tokenizer] = [:]
    }
    private static let cache = Cache()

    static func tokenizer(_ folder: URL) throws -> Tokenizer {
        cache.lock.lock()
        defer { cache.lock.unlock() }
        if let known = cache.known[folder] { return known }
        let tokenizer = try Tokenizer(folder: folder)
        cache.known[folder] = tokenizer
        return tokenizer
    }
}
