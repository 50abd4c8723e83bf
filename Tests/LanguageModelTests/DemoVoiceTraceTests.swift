import Checkpoint
import Foundation
import LanguageModel
import TestSupport
import Testing
import Tokens

/// The demo model, greedy, against the traces that its training left beside it.
@Suite struct DemoVoiceTraceTests {
    static let model = SharedFolder.url.appending(path: "demo-voice/export/lm")

    static let traces: [URL] = {
        let folder = SharedFolder.url.appending(path: "demo-voice/reference-outputs")
        let files = try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        let found = (files ?? []).filter { $0.lastPathComponent.hasSuffix("-greedy.safetensors") }
        // A folder without traces must fail, not pass over nothing.
        return found.isEmpty ? [folder.appending(path: "none-greedy.safetensors")] : found
    }()

    @Test(arguments: traces.sorted { $0.path < $1.path }) func choosesTheIDsOfTheTrace(trace: URL) throws {
        let source = try SafetensorsFile(trace)
        let model = try TestModels.model(folder: Self.model)
        let channels = model.configuration.channels
        let facts = try JSONValue(file: trace.deletingPathExtension().appendingPathExtension("json"))
        let prompt = try Self.grid(source, "input_ids", channels)
        let output = try Self.grid(source, "output_ids", channels)
        let generation = try GenerationConfiguration(
            file: Self.model.appending(path: "generation_config.json"), channels: channels)
        let request = GenerationRequest(
            prompt: prompt, seed: 0, sampling: ChannelSampling.perChannel(generation, greedy: true),
            maxNewTokens: try #require(facts["max_new_tokens"].int),
            rules: GenerationRules(model.configuration, endOfSpeech: try Self.endOfSpeech()))
        let rows = try Generating.rows(model, request)
        let base = prompt.rows - channels + 1
        #expect(rows == output.rows(base..<output.rows))
    }

    static func endOfSpeech() throws -> Int {
        let tokenizer = try JSONValue(file: model.appending(path: "tokenizer.json"))
        let end = tokenizer["added_tokens"].array.first { $0["content"].string == "<|end_of_speech|>" }
        return try #require(end?["id"].int)
    }

    static func grid(_ source: SafetensorsFile, _ name: String, _ channels: Int) throws -> TokenGrid {
        let tensor = try source.tensor(name)
        try #require(tensor.scalarType == .int64 && tensor.shape.last == channels)
        let ids = tensor.withBytes { bytes in
            (0..<tensor.count).map { Int32(clamping: bytes.load(fromByteOffset: $0 * 8, as: Int64.self)) }
        }
        return TokenGrid(channels: channels, ids: ids)
    }
}
