import Audio
import Foundation
import SpeechCodec
import TestSupport
import Testing
import Tokens

/// The embedded model against what the original classes made of it.
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

    private static let model = SharedFolder.packageRoot.appending(path: "Shared/DemoVoice/Model")

    @Test(arguments: traces)
    func `prompts give the trace's codes, and its codes give its sound`(_ trace: Trace) throws {
        let codec = try CodecModel.codec(Self.model.appending(path: "codec"))
        let tensors = try GoldenTensors(file: trace.file)

        let codes = try CodeMatrix(golden: tensors.require("codes"))
        let expected = try tensors.require("audio").floats
        let near = Closeness(try codec.decode(codes), expected)
        let rms = (expected.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(expected.count)).squareRoot()
        #expect(near.within(absolute: 2e-4 * rms), "\(trace): \(near), rms \(rms)")

        // The trace names its prompts by what they say: their texts stand at the start of its text, tag by tag.
        let text = try #require(try trace.facts["text"].string)
        let prompts = Self.model.appending(path: "prompts")
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
}
