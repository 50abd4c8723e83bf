import Dialogue
import TestSupport
import Testing

/// The text rules against the original's (golden/README.md, `text/normalize`).
@Suite struct GoldenNormalizerTests {
    @Test(
        arguments: GoldenCase.all(below: "text/normalize", where: { $0.facts["cases"][0]["item"].isNull }),
        DialogueVersion.allCases)
    func writesWhatTheOriginalWrites(golden: GoldenCase, version: DialogueVersion) throws {
        let normalizer = Normalizer(version: version)
        let cases = golden.facts["cases"].array
        try #require(!cases.isEmpty)
        for fact in cases {
            let normalized = normalizer.normalize(try #require(fact["input"].string))
            let expected = try #require(fact[version.rawValue].string)
            #expect(Array(normalized.utf8) == Array(expected.utf8), "case \(fact["id"]): \(normalized)")
            let final = try #require(fact["\(version.rawValue)_final"].string)
            let tagged = PromptLayout.withSpeakerTokens(normalized)
            #expect(Array(tagged.utf8) == Array(final.utf8), "case \(fact["id"]): \(tagged)")
        }
    }
}
