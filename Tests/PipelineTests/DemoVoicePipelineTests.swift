import Audio
import Checkpoint
import Dialogue
import Foundation
import LanguageModel
import SpeechCodec
import TestSupport
import Testing
import Tokens

/// The demo checkpoint from script and prompts to sound, greedy, against what its training's own code made of them.
@Suite struct DemoVoicePipelineTests {
    /// `<name>-greedy.json` with `<name>-greedy.safetensors`.
    struct Trace: Sendable, CustomTestStringConvertible {
        let facts: URL
        let tensors: URL
        var testDescription: String { facts.deletingPathExtension().lastPathComponent }
    }

    private static let demo = SharedFolder.url.appending(path: "demo-voice")

    /// Every pair that lies there; one half without the other stays in the list, and fails.
    static let traces: [Trace] = {
        let folder = demo.appending(path: "reference-outputs")
        let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
        let names = files.filter { ["json", "safetensors"].contains($0.pathExtension) }
            .map { $0.deletingPathExtension().lastPathComponent }.filter { $0.hasSuffix("-greedy") }
        let found = names.isEmpty ? ["no trace here"] : Set(names).sorted()
        return found.map {
            Trace(
                facts: folder.appending(path: "\($0).json"), tensors: folder.appending(path: "\($0).safetensors"))
        }
    }()

    @Test(arguments: traces)
    func `the demo checkpoint says what its trace says, from prompt to sound`(_ trace: Trace) async throws {
        let facts = try JSONValue(file: trace.facts)
        let tensors = try GoldenTensors(file: trace.tensors)
        #expect(facts["greedy"].bool == true)
        let pipeline = try Pipeline(demo: ModelDirectory(Self.demo.appending(path: "export")), facts)
        let run = try await pipeline.run([try item(facts)])

        let (prepared, spoken) = (run.prepared[0], run.spoken[0])
        let codes = try #require(prepared.codes)
        #expect(difference(codes, CodeMatrix(golden: try tensors.require("prompt_codes"))) == nil)
        #expect(codes.frames == facts["prompt_frames"].int)
        let input = try tensors.grid("input_ids")
        #expect(difference(prepared.grid, input) == nil)
        let output = try tensors.grid("output_ids")
        #expect(difference(spoken.rows, output.rows(input.rows - (input.channels - 1)..<output.rows)) == nil)
        #expect(difference(spoken.frames, CodeMatrix(golden: try tensors.require("codes"))) == nil)
        #expect(spoken.frames.frames == facts["generated_frames"].int)

        let expected = try tensors.require("audio").floats
        let rms = (expected.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(expected.count)).squareRoot()
        let near = Closeness(spoken.wave, expected)
        #expect(near.within(absolute: 2e-4 * rms), "\(near), rms \(rms)")
    }

    /// The trace names its prompts by what they say: their texts stand at the start of its text, tag by tag.
    private func item(_ facts: JSONValue) throws -> PipelineItem {
        let text = try #require(facts["text"].string)
        let folder = Self.demo.appending(path: "export/prompts")
        let prompts = try JSONValue(file: folder.appending(path: "prompts.json")).array
            .compactMap { entry -> (place: String.Index, text: String, file: URL)? in
                guard let said = entry["text"].string, let file = entry["file"].string else { return nil }
                return text.range(of: said).map { ($0.lowerBound, said, folder.appending(path: file)) }
            }
            .sorted { $0.place < $1.place }
        let promptText = PromptLayout.promptText(of: prompts.map(\.text))
        try #require(!prompts.isEmpty && text.hasPrefix(promptText))
        return PipelineItem(
            script: String(text.dropFirst(promptText.count)), promptText: promptText, promptFiles: prompts.map(\.file))
    }
}

extension Pipeline {
    /// Greedy, with the checkpoint's own rules.
    fileprivate init(demo files: ModelDirectory, _ facts: JSONValue) throws {
        version = try #require(DialogueVersion(rawValue: files.flavor.rawValue))
        languageModel = try LoadedModels.languageModel(files.languageModel)
        codec = try LoadedModels.codec(files.codec)
        let tokenizer = try LoadedModels.tokenizer(#require(files.languageModel.tokenizerFolder))
        let configuration = languageModel.configuration
        let end = try #require(
            configuration.speechEndToken ?? tokenizer.id(of: PromptLayout.endOfSpeechToken).map { Int($0) })
        rules = GenerationRules(configuration, endOfSpeech: end)
        prompts = try PromptBuilder(
            tokenizer: tokenizer, version: version,
            pattern: DelayPattern(
                textPad: configuration.padToken, speechPad: configuration.speechPadToken,
                channels: configuration.channels, speechTokenStart: configuration.speechTokenRange.lowerBound))
        sampling = ChannelSampling.perChannel(
            try files.languageModel.generation(channels: configuration.channels), greedy: true)
        maxNewTokens = try #require(facts["max_new_tokens"].int)
        silenceSeconds = 0
        // The trace's text stands as the model read it.
        normalize = false
    }
}
