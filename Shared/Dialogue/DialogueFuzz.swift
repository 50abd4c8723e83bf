/// The doors through which bytes of others come into this room, for a fuzzer: any input must end in a value or a typed
/// error.
package enum DialogueFuzz {
    /// A `tokenizer.json`, and what it makes of some text.
    package static func tokenizerJSON(_ bytes: [UInt8]) {
        guard let tokenizer = try? Tokenizer(tokenizerJSON: bytes) else { return }
        let ids = tokenizer.encode("[S1]He said: it's 3 o'clock.\n[S2]早上好 e\u{301}<|endoftext|>")
        _ = tokenizer.decode(ids)
        _ = tokenizer.decode([-1, .min, .max] + ids.map { $0 &+ 1 }, skipSpecialTokens: true)
    }

    /// A script by every rule, and the same bytes as a JSONL file.
    package static func script(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        for version in DialogueVersion.allCases {
            _ = try? Script(text, speakers: 2, numericTags: version.normalizesByDefault)
            let normalized = Normalizer(version: version).normalize(text)
            _ = PromptLayout.withSpeakerTokens(normalized)
            guard let items = try? DialogueItem.items(jsonl: bytes, version: version) else { continue }
            for item in items {
                _ = try? item.fullText()
                _ = try? item.promptFiles()
            }
        }
    }
}
