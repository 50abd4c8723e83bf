public import Checkpoint
import DemoVoice
public import Dialogue
public import Foundation
public import ServiceKit
public import Tokens

/// The model that a process works with: the one that was named, or the embedded one.
public struct InstalledModel: Sendable {
    public let directory: ModelDirectory
    /// For people: the folder's name, or `colloquy-demo`.
    public let name: String

    /// - Throws: `CheckpointError` or `DemoVoiceError`, which name the place.
    public init(settings: ServiceSettings) throws {
        try self.init(
            model: settings.model, codec: settings.codec,
            flavor: settings.flavor.flatMap { ModelFlavor(rawValue: $0.rawValue) })
    }

    /// - Parameters:
    ///   - model: nil takes the embedded model.
    ///   - codec: nil finds it beside the model.
    ///   - flavor: nil takes it from the files.
    public init(model: URL?, codec: URL? = nil, flavor: ModelFlavor? = nil) throws {
        if let model {
            directory = try ModelDirectory(model, codec: codec, flavor: flavor)
            name = model.standardizedFileURL.lastPathComponent
        } else {
            directory = try ModelDirectory(try DemoVoice().folder, codec: codec, flavor: flavor)
            name = "colloquy-demo"
        }
    }

    /// The tokenizer of the language model.
    public func tokenizer() throws -> Tokenizer {
        guard let folder = directory.languageModel.tokenizerFolder else {
            throw CheckpointError(
                .missing, file: directory.languageModel.folder.path, subject: "tokenizer.json", "there is no tokenizer",
                remedy: "fetch tokenizer.json, or vocab.json and merges.txt")
        }
        return try Tokenizer(folder: folder)
    }

    /// The id that ends speech; not the one that fills channel 0 behind the end.
    public func endOfSpeechToken(_ configuration: LanguageModelConfiguration) throws -> Int32 {
        if let token = configuration.speechEndToken { return Int32(token) }
        guard let token = try tokenizer().id(of: PromptLayout.endOfSpeechToken) else {
            throw CheckpointError(
                .missing, file: directory.languageModel.folder.path, subject: PromptLayout.endOfSpeechToken,
                "neither config.json (speech_eos_token) nor the tokenizer has it")
        }
        return token
    }
}

extension LanguageModelConfiguration {
    /// How this model lays codes out in rows.
    public var delayPattern: DelayPattern {
        DelayPattern(
            pads: [Int32(padToken)] + Array(repeating: Int32(speechPadToken), count: channels - 1),
            speechTokenStart: Int32(speechTokenRange.lowerBound))
    }
}

extension ModelFlavor {
    public var dialogueVersion: DialogueVersion {
        switch self {
        case .v05: .v05
        case .v07: .v07
        }
    }
}
