public import Checkpoint
public import Compute
public import Foundation
public import LanguageModel
public import ServiceKit

/// What this machine keeps of models, so that a start need not make it anew.
public struct ModelCaches: Sendable {
    /// The user's own folder, for what finds no place beside a model.
    public let folder: URL
    public let stamps: HashStamps

    public init(folder: URL) {
        self.folder = folder
        stamps = HashStamps(folder: folder)
    }
}

extension InstalledModel {
    /// A language model that is ready, and what it was made of.
    public struct LoadedLanguageModel: Sendable {
        public let model: LanguageModel
        public let contentHash: String
        /// For people and peers: `int4`.
        public let precision: String
    }

    /// Where this model's packed weights may lie: beside the weights themselves, where all users of the model find them, else
    /// in the user's own folder.
    public func packedWeightsFolders(_ caches: ModelCaches) -> [URL] {
        [directory.languageModel.weightsFile.deletingLastPathComponent(), caches.folder]
    }

    /// Loads the language model. Its packed weights come from a file, which is made when there is none.
    ///
    /// - Parameters:
    ///   - wanted: As it is set.
    ///   - keyValues: Nil for what suits the weights.
    ///   - isSpeechOnly: Channel 0 is scored for speech and its end alone (`HeadMode`).
    ///   - tell: Hears what is made, and what cannot be kept.
    /// - Throws: `CheckpointError` or `LanguageModelError`.
    public func languageModel(
        _ wanted: ServiceSettings.Precision, keyValues: KeyValuePrecision? = nil, isSpeechOnly: Bool = false,
        device: CPUDevice, caches: ModelCaches,
        tell: @escaping @Sendable (WeightCache.Event) -> Void
    ) throws -> LoadedLanguageModel {
        let files = directory.languageModel
        let configuration = try files.configuration()
        let tensors = try files.tensors(configuration)
        let precision = WeightPrecision(wanted, storedBytes: tensors.byteCount)
        let hash = try files.contentHash(caches.stamps)
        let packed: (any PackedWeights)? =
            precision.isPacked
            ? try WeightCache(folders: packedWeightsFolders(caches), tell: tell).weights(
                tensors, configuration, precision, modelHash: hash, pool: device.pool) : nil
        let usual = KeyValuePrecision(beside: precision, storedAs: tensors.precision)
        let kept = keyValues ?? usual
        // Generators that differ in these may make different frames.
        let keptName = kept == usual ? "" : " kv-\(kept.rawValue)"
        let headName = isSpeechOnly ? " speech-only" : ""
        let headMode =
            isSpeechOnly ? HeadMode.speechOnly(endOfSpeech: Int(try endOfSpeechToken(configuration))) : .exact
        return LoadedLanguageModel(
            model: try LanguageModel(
                tensors, configuration: configuration, device: device, precision: precision, packed: packed,
                keyValues: kept, headMode: headMode),
            contentHash: hash, precision: precision.name(storedAs: tensors.precision) + keptName + headName)
    }
}
