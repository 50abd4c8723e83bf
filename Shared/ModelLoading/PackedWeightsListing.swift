import Checkpoint
import Foundation
import LanguageModel

/// The files of packed weights that lie where models would look for them.
public struct PackedWeightsListing: Sendable {
    public struct File: Sendable {
        public let path: String
        public let byteCount: Int
        /// Nil for a file that says nothing of itself.
        public let precision: String?
        /// The model that uses it; nil when none does.
        public let model: String?
        public var isStale: Bool { model == nil }
    }

    /// By path.
    public let files: [File]

    /// - Parameter models: Those whose files are in use.
    public init(of models: [InstalledModel], _ caches: ModelCaches) {
        var names: [String: String] = [:]
        var folders: Set<URL> = []
        for model in models {
            folders.formUnion(model.packedWeightsFolders(caches).map { $0.resolvingSymlinksInPath() })
            guard let hash = try? model.directory.languageModel.contentHash(caches.stamps) else { continue }
            for precision in WeightPrecision.allCases where precision.isPacked {
                names[WeightCache.fileName(precision, modelHash: hash)] = model.name
            }
        }
        files = folders.flatMap { folder in
            ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
                .filter { $0.hasSuffix(WeightCache.fileEnding) }
                .map { name in
                    let file = folder.appending(path: name)
                    let opened = try? PackedFile(file)
                    let size = try? FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int
                    return File(
                        path: file.path, byteCount: opened?.byteCount ?? size ?? 0,
                        precision: opened?.title.precision, model: opened == nil ? nil : names[name])
                }
        }.sorted { $0.path < $1.path }
    }
}

extension ModelPlaces {
    /// Those that can be used.
    public var models: [InstalledModel] {
        entries.compactMap { if case .model(let model) = $0 { model } else { nil } }
    }
}
