import Dialogue
import TestSupport
import Testing

/// A short run of what a fuzzer does for longer: bytes of others never end the process.
@Suite struct DialogueFuzzTests {
    @Test(arguments: 0..<8)
    func survivesBrokenTokenizers(seed: Int) throws {
        let valid = try TinyTokenizer.bytes(TinyTokenizer().json(mergesAsPairs: seed % 2 == 0))
        var random = SeededRandom(seed: UInt64(seed))
        for _ in 0..<250 { DialogueFuzz.tokenizerJSON(mutated(valid, using: &random)) }
    }

    @Test(arguments: 0..<8)
    func survivesBrokenScripts(seed: Int) {
        let scripts = [
            "[S1]Hello haha ha—— [laugh]\n[S2]早上好……哈哈；[2]x", "[S1]a【S2】b[S１]c ‘d’ \u{1C}\u{3000}_",
            #"{"base_path":"ex/","text":"[S1]\u4f60\ud83d\ude42","prompt_audio":"p.wav","prompt_text":null}"#,
            #"{"text":"a","prompt_audio_speaker1":"/a","prompt_text_speaker1":"x","prompt_audio_speaker2":["b"],"n":-1.5e3}"#,
        ]
        var random = SeededRandom(seed: UInt64(seed))
        for index in 0..<1000 {
            DialogueFuzz.script(mutated(Array(scripts[index % scripts.count].utf8), using: &random))
        }
    }

    /// A few bytes changed, left out, doubled or put in, mostly such as mean something.
    private func mutated(_ bytes: [UInt8], using random: inout SeededRandom) -> [UInt8] {
        let meaningful = Array("[]{}\":,\\S1h 0-e\n\u{301}哈，".utf8) + [0, 0xFF, 0xC3, 0xED]
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...6, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            let end = min(bytes.count, place + Int.random(in: 1...40, using: &random))
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes[place] = .random(in: 0...255, using: &random)
            case 1: bytes[place] = meaningful.randomElement(using: &random) ?? 0
            case 2: bytes.insert(meaningful.randomElement(using: &random) ?? 0, at: place)
            case 3: bytes.removeSubrange(place..<end)
            default: bytes.insert(contentsOf: bytes[place..<end], at: place)
            }
        }
        return bytes
    }
}
