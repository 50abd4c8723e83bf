import Checkpoint
import Foundation
import TestSupport

/// A whole model of a few kilobytes, to be taken apart by a test.
struct SmallModel {
    let scratch: ScratchFolder
    var url: URL { scratch.url }

    /// `lm/` and `codec/` in a scratch folder.
    init() throws {
        scratch = try ScratchFolder()
        try Self.writeLanguageModel(to: url.appending(path: "lm"))
        try Self.writeCodec(to: url.appending(path: "codec"))
    }

    static func writeLanguageModel(to folder: URL) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try write(Configurations.languageModelJSON, to: folder.appending(path: "config.json"))
        try write(Configurations.generationJSON, to: folder.appending(path: "generation_config.json"))
        try write("{}", to: folder.appending(path: "tokenizer.json"))
        let configuration = try LanguageModelConfiguration(file: folder.appending(path: "config.json"))
        try Data(SafetensorsBytes.sound(required(LanguageModelTensors.expected(configuration))))
            .write(to: folder.appending(path: "model.safetensors"))
    }

    static func writeCodec(to folder: URL, name: String = "config", weights: String = "model.safetensors") throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try write(Configurations.codecYAML, to: folder.appending(path: name + ".yaml"))
        let configuration = try CodecConfiguration(file: folder.appending(path: name + ".yaml"))
        try Data(SafetensorsBytes.sound(required(CodecTensors.expected(configuration))))
            .write(to: folder.appending(path: weights))
    }

    static func write(_ text: String, to file: URL) throws { try Data(text.utf8).write(to: file) }

    private static func required(_ tensors: [ExpectedTensor]) -> [(name: String, shape: [Int])] {
        tensors.filter(\.isRequired).map { ($0.name, $0.shape) }
    }
}
