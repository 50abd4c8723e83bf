import Dialogue
import Testing

@Suite struct DialogueItemTests {
    private static let good = #"{"base_path":"ex","text":"[S1]hi","prompt_audio":"p.wav","prompt_text":"x"}"#

    @Test func readsEveryLine() throws {
        let jsonl = "\(Self.good)\r\n\n  \n\(Self.good)"
        let items = try DialogueItem.items(jsonl: Array(jsonl.utf8), version: .v07)
        #expect(items.count == 2)
        #expect(try items.map { try $0.promptFiles() } == [["ex/p.wav"], ["ex/p.wav"]])
        #expect(try items[0].fullText() == "x[S1]hi")
    }

    @Test(
        arguments: [
            ("{", nil), ("3", nil),
            (#"{"text":7,"prompt_audio":"/p"}"#, DialogueItemError.Problem.notText(key: "text")),
            (#"{"text":"a"}"#, .noPrompt), (#"{"text":"a","prompt_audio":[ ]}"#, .emptyPromptAudio),
            (#"{"text":"a","prompt_audio":"p.wav"}"#, .relativePathWithoutBase("p.wav")),
            (#"{"base_path":[],"text":"a","prompt_audio":"p.wav"}"#, .notText(key: "base_path")),
        ] as [(String, DialogueItemError.Problem?)])
    func namesTheLineThatIsNoItem(line: String, problem: DialogueItemError.Problem?) {
        let error = #expect(throws: DialogueItemError.self) {
            try DialogueItem.items(jsonl: Array("\(Self.good)\n\n\(line)\n".utf8), version: .v07)
        }
        #expect(error?.line == 3)
        if let problem { #expect(error?.problem == problem) }
        #expect(error?.description.hasPrefix("line 3: ") == true)
    }

    /// A speaker without sound of its own is left out; what is no path is no file.
    @Test func listsTheFilesThatThereAre() throws {
        let one = #"{"text":"a","prompt_audio_speaker1":"","prompt_audio_speaker2":"b.wav"}"#
        #expect(try DialogueItem(json: Array(one.utf8), version: .v05).promptFiles() == ["b.wav"])
        let none = #"{"text":"a"}"#
        #expect(try DialogueItem(json: Array(none.utf8), version: .v05).promptFiles() == [])
        let odd = #"{"text":"a","prompt_audio":7,"prompt_text":""}"#
        #expect(throws: DialogueItemError.self) {
            try DialogueItem(json: Array(odd.utf8), version: .v05).promptFiles()
        }
    }
}
