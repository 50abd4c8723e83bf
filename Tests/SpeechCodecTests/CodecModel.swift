import Checkpoint
import Compute
import Foundation
import SpeechCodec
import Synchronization
import TestSupport

/// A codec in a folder of published form, in every form of weights that the folder has.
struct CodecModel {
    let configuration: CodecConfiguration
    /// Files of weights, by name.
    let weights: [URL]

    init(folder: URL) throws {
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
        let described = files.filter { ["yaml", "yml", "json"].contains($0.pathExtension.lowercased()) }
        guard let description = described.first, described.count == 1 else { throw Unclear(folder: folder.path) }
        configuration = try CodecConfiguration(file: description)
        weights = files.filter { !described.contains($0) }
        if weights.isEmpty { throw Unclear(folder: folder.path) }
    }

    static func tensors(_ file: URL) throws -> any TensorSource {
        try TensorAliases.codec(
            file.pathExtension == "safetensors" ? SafetensorsFile(file) : TorchArchive(file))
    }

    /// The codec of a folder on two threads, from its first file of weights; made once.
    static func codec(_ folder: URL) throws -> SpeechCodec {
        try loaded.withLock { loaded in
            if let codec = loaded[folder.path] { return codec }
            let codec = try CodecModel(folder: folder).codec(threads: 2)
            loaded[folder.path] = codec
            return codec
        }
    }

    func codec(threads: Int, weights file: URL? = nil, precision: SpeechCodec.Precision = .exact) throws -> SpeechCodec
    {
        try SpeechCodec(
            configuration: configuration, tensors: Self.tensors(file ?? weights[0]), pool: WorkerPool(threads: threads),
            precision: precision)
    }

    private static let loaded = Mutex<[String: SpeechCodec]>([:])

    struct Unclear: Error, CustomStringConvertible {
        let folder: String
        var description: String { "\(folder) holds no codec: one configuration and at least one file of weights" }
    }

    /// Every folder `model` below `golden/codec`.
    static var goldenFolders: [URL] {
        let root = SharedFolder.url.appending(path: "golden/codec").standardizedFileURL
        let folders = (try? FileManager.default.contentsOfDirectory(at: root, includingPropertiesForKeys: nil)) ?? []
        let models = folders.map { $0.appending(path: "model") }
            .filter { FileManager.default.fileExists(atPath: $0.path) }
        return models.isEmpty ? [root.appending(path: "no model here")] : models.sorted { $0.path < $1.path }
    }
}
