import Checkpoint
import Compute
import Dialogue
import Foundation
import LanguageModel
import SpeechCodec
import Synchronization

/// Models and tokenizers by their files, each loaded once.
enum LoadedModels {
    private static let threads = 2
    private static let languageModels = Mutex<[URL: LanguageModel]>([:])
    private static let codecs = Mutex<[URL: SpeechCodec]>([:])
    private static let tokenizers = Mutex<[URL: Tokenizer]>([:])

    static func languageModel(_ files: LanguageModelFiles) throws -> LanguageModel {
        try load(files.folder, languageModels) {
            let configuration = try files.configuration()
            return try LanguageModel(
                files.tensors(configuration), configuration: configuration,
                device: CPUDevice(pool: WorkerPool(threads: threads)))
        }
    }

    static func codec(_ files: CodecFiles) throws -> SpeechCodec {
        try load(files.folder, codecs) {
            let configuration = try files.configuration()
            return try SpeechCodec(
                configuration: configuration, tensors: files.tensors(configuration), pool: WorkerPool(threads: threads))
        }
    }

    static func tokenizer(_ folder: URL) throws -> Tokenizer {
        try load(folder, tokenizers) { try Tokenizer(folder: folder) }
    }

    private static func load<Model: Sendable>(
        _ folder: URL, _ loaded: borrowing Mutex<[URL: Model]>, _ make: () throws -> Model
    ) throws -> Model {
        try loaded.withLock { loaded in
            if let model = loaded[folder] { return model }
            let model = try make()
            loaded[folder] = model
            return model
        }
    }
}
