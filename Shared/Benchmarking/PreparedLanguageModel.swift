internal import Checkpoint
internal import Compute
internal import Foundation
internal import LanguageModel

/// A language model as a generator finds it at a later start than its first: what is packed lies in a file.
struct PreparedLanguageModel {
    let configuration: LanguageModelConfiguration
    let precision: WeightPrecision
    let tensors: any TensorSource
    /// Seconds that packing took; nil where nothing was packed, or the file was there.
    let packSeconds: Double?
    private let cache: WeightCache
    private let modelHash: String
    /// Removed when the model is loaded: what is mapped stays.
    private let scratch: URL?

    /// - Parameters:
    ///   - folders: Where the packed weights of a model on disk lie; empty for random weights, which get a folder for the
    ///     time of the measurement.
    ///   - modelHash: Names the weights.
    init(
        _ source: any TensorSource, _ configuration: LanguageModelConfiguration, _ precision: WeightPrecision,
        folders: [URL], modelHash: String, pool: WorkerPool
    ) throws {
        self.configuration = configuration
        self.precision = precision
        self.modelHash = modelHash
        var source = source
        var folders = folders
        var scratch: URL?
        if precision.isPacked, folders.isEmpty {
            let folder = FileManager.default.temporaryDirectory.appending(path: "colloquy-bench-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            scratch = folder
            folders = [folder]
            source = try SpilledTensors(
                source, source.names.filter { $0.contains("embedding_list") }, folder: folder)
        }
        self.scratch = scratch
        cache = WeightCache(folders: folders)
        tensors = source
        guard precision.isPacked else {
            packSeconds = nil
            return
        }
        let start = ContinuousClock.now
        _ = try cache.weights(tensors, configuration, precision, modelHash: modelHash, pool: pool)
        packSeconds = (ContinuousClock.now - start) / .seconds(1)
    }

    /// - Returns: The model, and the seconds that loading it took.
    func load(_ device: CPUDevice) throws -> (model: LanguageModel, seconds: Double) {
        // What it took to pack the weights is not what a later start takes.
        MemoryPeak.startAgain()
        let start = ContinuousClock.now
        let packed: (any PackedWeights)? =
            precision.isPacked
            ? try cache.weights(tensors, configuration, precision, modelHash: modelHash, pool: device.pool) : nil
        let model = try LanguageModel(
            tensors, configuration: configuration, device: device, precision: precision, packed: packed,
            keyValues: KeyValuePrecision(beside: precision, storedAs: tensors.precision))
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        if let scratch { try? FileManager.default.removeItem(at: scratch) }
        return (model, seconds)
    }
}
