import Audio
import Foundation
import SpeechCodec
import TestSupport
import Testing
import Tokens

/// Our first small model against what the original classes made of it, and the embedded one against PyTorch.
@Suite struct DemoVoiceCodecTests {
    struct Trace: Sendable, CustomTestStringConvertible {
        let file: URL
        var testDescription: String { file.lastPathComponent }
        var facts: JSONValue {
            get throws { try JSONValue(file: file.deletingPathExtension().appendingPathExtension("json")) }
        }
    }

    static let traces: [Trace] = {
        let folder = SharedFolder.url.appending(path: "demo-voice/reference-outputs")
        let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
        let found = files.filter { $0.pathExtension == "safetensors" }.map { Trace(file: $0) }
        return found.isEmpty ? [Trace(file: folder.appending(path: "no trace here.safetensors"))] : found
    }()

    @Test(arguments: traces)
    func `prompts give the trace's codes, and its codes give its sound`(_ trace: Trace) throws {
        let model = SharedFolder.url.appending(path: "demo-voice/export")
        let codec = try CodecModel.codec(model.appending(path: "codec"))
        let tensors = try GoldenTensors(file: trace.file)
        try Self.expectSound(of: codec, tensors)

        // The trace names its prompts by what they say: their texts stand at the start of its text, tag by tag.
        let text = try #require(try trace.facts["text"].string)
        let prompts = model.appending(path: "prompts")
        let spoken = try JSONValue(file: prompts.appending(path: "prompts.json")).array
            .compactMap { entry -> (place: String.Index, file: String)? in
                guard let said = entry["text"].string, let file = entry["file"].string else { return nil }
                return text.range(of: said).map { ($0.lowerBound, file) }
            }
            .sorted { $0.place < $1.place }
        #expect(!spoken.isEmpty)
        let audio = try spoken.map { try PromptAudio.loadMono16k(path: prompts.appending(path: $0.file).path) }
        let encoded = try codec.encode(PromptAudio.merged(audio))
        #expect(try encoded == CodeMatrix(golden: tensors.require("prompt_codes")))
    }

    /// Of its export: the first prompt, and the sound of the first of its codes.
    @Test func `the shipped codec does what PyTorch made of it`() throws {
        let folder = SharedFolder.packageRoot.appending(path: "Shared/DemoVoice")
        let codec = try CodecModel.codec(folder.appending(path: "Model/codec"))
        let tensors = try GoldenTensors(file: folder.appending(path: "Training/reference.safetensors"))
        try Self.expectSound(of: codec, tensors)
        let prompt = try PromptAudio.loadMono16k(path: folder.appending(path: "Model/prompts/anna.wav").path)
        #expect(try codec.encode(prompt) == CodeMatrix(golden: tensors.require("prompt_codes")))
    }

    private static func expectSound(of codec: SpeechCodec, _ tensors: GoldenTensors) throws {
        let codes = try CodeMatrix(golden: tensors.require("codes"))
        let expected = try tensors.require("audio").floats
        let near = Closeness(try codec.decode(codes), expected)
        let rms = (expected.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(expected.count)).squareRoot()
        #expect(near.within(absolute: 2e-4 * rms), "\(near), rms \(rms)")
    }
}
