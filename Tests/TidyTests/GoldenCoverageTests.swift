import Foundation
import TestSupport
import Testing

/// No golden vector lies there unread.
@Suite struct GoldenCoverageTests {
    /// Cases that a suite takes: those of an area, one folder a word, `*` for any; of one kind where the suite asks for it.
    struct Claim: Sendable, CustomTestStringConvertible {
        let area: String
        let kind: String?
        /// Below `Tests/`.
        let suite: String
        var testDescription: String { area }

        init(_ area: String, kind: String? = nil, by suite: String) {
            self.area = area
            self.kind = kind
            self.suite = suite
        }

        func covers(_ golden: GoldenCase) -> Bool {
            let wanted = area.split(separator: "/")
            let folders = golden.name.split(separator: "/")
            return wanted.count == folders.count && zip(wanted, folders).allSatisfy { $0 == "*" || $0 == $1 }
                && (kind == nil || golden.facts["kind"].string == kind)
        }
    }

    static let claims = [
        Claim("audio/crossfade/*", by: "AudioTests/GoldenAudioTests"),
        Claim("audio/load/*", by: "AudioTests/GoldenAudioTests"),
        Claim("audio/merge/*", by: "AudioTests/GoldenAudioTests"),
        Claim("audio/pad/*", by: "AudioTests/GoldenAudioTests"),
        Claim("codec/mel/*", by: "SpeechCodecTests/GoldenMelTests"),
        Claim("codec/*/decode/*", kind: "decode", by: "SpeechCodecTests/GoldenDecodeTests"),
        Claim("codec/*/encode/*", kind: "encode", by: "SpeechCodecTests/GoldenEncodeTests"),
        Claim("lm/delay/*/*", by: "DialogueTests/GoldenDelayTests"),
        Claim("lm/sampler/*", by: "LanguageModelTests/GoldenSamplerTests"),
        Claim("lm/*/forward/*", kind: "forward", by: "LanguageModelTests/GoldenForwardTests"),
        Claim("lm/*/greedy/*", kind: "greedy", by: "LanguageModelTests/GoldenGreedyTests"),
        Claim("lm/*/leftpad/*", kind: "leftpad", by: "LanguageModelTests/GoldenForwardTests"),
        Claim("pipeline/*", by: "PipelineTests/GoldenPipelineTests"),
        Claim("text/normalize/*", by: "DialogueTests/GoldenNormalizerTests"),
        Claim("text/prompt/*/*/*", by: "DialogueTests/GoldenPromptTests"),
        Claim("text/tokenizer/*", by: "DialogueTests/GoldenTokenizerTests"),
    ]

    @Test func `every golden case is read by a suite`() {
        let unread = GoldenCase.all(below: "").filter { golden in !Self.claims.contains { $0.covers(golden) } }
        #expect(unread.isEmpty, "no suite reads \(unread.map(\.name)); write one, and claim its area here")
    }

    /// A claim is worth what the suite does: it asks for the area, or for one around it, and names the kind.
    @Test(arguments: claims)
    func `a suite asks for the cases that it claims`(_ claim: Claim) throws {
        let source = try Repository.text("Tests/\(claim.suite).swift")
        let start = claim.area.split(separator: "/").prefix { $0 != "*" }.joined(separator: "/")
        let asked = source.matches(of: #/GoldenCase\.all\(below: "([^"]*)"/#).map { String($0.1) }
        #expect(asked.contains(start), "\(claim.suite) asks for \(asked), not for \(start)")
        if let kind = claim.kind { #expect(source.contains("\"\(kind)\""), "\(claim.suite) takes no \(kind)") }
        #expect(source.contains(#/@Suite struct Golden/#), "a run of the golden suites alone would leave it out")
    }
}
