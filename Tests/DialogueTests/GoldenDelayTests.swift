import TestSupport
import Testing
import Tokens

/// The delay pattern against the original's (golden/README.md, `lm/delay`).
@Suite struct GoldenDelayTests {
    @Test(arguments: GoldenCase.all(below: "lm/delay"))
    func movesRowsAsTheOriginal(golden: GoldenCase) throws {
        switch golden.facts["kind"].string {
        case "shift": try shifts(golden)
        case "unshift": try unshifts(golden)
        default: Issue.record("\(golden) is of no known kind")
        }
    }

    private func shifts(_ golden: GoldenCase) throws {
        let tensors = try golden.tensors()
        let textPad = try #require(golden.facts["pad_token_id"].int)
        let speechPad = try #require(golden.facts["speech_pad_token"].int)
        let items = golden.facts["items"].array
        try #require(!items.isEmpty)
        for (index, item) in items.enumerated() {
            let input = try tensors.require("in.\(index)")
            let expected = try tensors.require("out.\(index)")
            let channels = try #require(input.shape.last)
            let pattern = DelayPattern(textPad: textPad, speechPad: speechPad, channels: channels, speechTokenStart: 0)
            let shifted = pattern.shift(TokenGrid(channels: channels, ids: input.int32s))
            #expect(shifted.ids == expected.int32s, "item \(index)")
            #expect(shifted.rows == item["out_rows"].int, "item \(index)")
        }
    }

    private func unshifts(_ golden: GoldenCase) throws {
        let tensors = try golden.tensors()
        let speechPad = try #require(golden.facts["speech_pad_token"].int)
        let start = try #require(golden.facts["speech_token_offset"].int)
        let calls = golden.facts["items"].array
        try #require(!calls.isEmpty)
        for (index, call) in calls.enumerated() {
            let generated = try tensors.require("generated.\(index)")
            let channels = generated.shape[2]
            let pattern = DelayPattern(textPad: 0, speechPad: speechPad, channels: channels, speechTokenStart: start)
            let size = generated.shape[1] * channels
            for item in 0..<generated.shape[0] {
                let ids = Array(generated.int32s[item * size..<(item + 1) * size])
                let rows = TokenGrid(channels: channels, ids: ids)
                if call["error"].string != nil {
                    #expect(throws: DelayError.tooFewRows(rows: rows.rows, needed: channels)) {
                        try pattern.unshift(rows)
                    }
                } else if let frames = call["items"][item]["n_codes"].int {
                    let expected = try tensors.require("codes.\(index).\(item)")
                    #expect(expected.shape == [channels, frames])
                    #expect(
                        try pattern.unshift(rows) == .codes(CodeMatrix(golden: expected)), "call \(index), item \(item)"
                    )
                } else {
                    #expect(try pattern.unshift(rows) == .noSpeech, "call \(index), item \(item)")
                }
            }
        }
    }
}
