public import Checkpoint
public import Compute
public import Foundation

/// Keeps a model's packed weights in files, made when they are first wanted.
///
/// A file is named by what is in it: the model's content hash, the precision, and the version of the packing. So nothing in
/// it ever grows stale; a file that is damaged all the same is made again. Where no file can be kept, weights are packed into
/// this process's own memory.
public struct WeightCache: Sendable {
    /// What happens that somebody may want to know.
    public enum Event: Sendable, CustomStringConvertible {
        case unusable(path: String, reason: String)
        /// Another process makes the file.
        case waiting(path: String)
        case making(path: String)
        case made(path: String, byteCount: Int, seconds: Double)
        case cannotWrite(reason: String)
        /// No folder takes the file; the weights take memory of this process alone, and are packed at every start.
        case packingInMemory

        /// Whether it costs something at every start.
        public var isWarning: Bool {
            switch self {
            case .unusable, .packingInMemory: true
            case .waiting, .making, .made, .cannotWrite: false
            }
        }

        public var description: String {
            switch self {
            case .unusable(let path, let reason): "packed weights are made again: \(path): \(reason)"
            case .waiting(let path): "another process packs the weights: \(path)"
            case .making(let path): "packing the weights, once: \(path)"
            case .made(let path, let bytes, let seconds):
                "packed the weights in \(Int(seconds.rounded(.up))) s: \(path), \(bytes >> 20) MiB"
            case .cannotWrite(let reason): reason
            case .packingInMemory:
                "packed weights can be kept nowhere; they are packed into memory, now and at every start"
            }
        }
    }

    /// Where files may lie; the first that can take one gets it.
    public let folders: [URL]
    private let tell: @Sendable (Event) -> Void

    public init(folders: [URL], tell: @escaping @Sendable (Event) -> Void = { _ in }) {
        self.folders = folders
        self.tell = tell
    }

    /// Of the files' names.
    public static let fileEnding = ".clqpack"

    /// The name of the file for some weights.
    public static func fileName(_ precision: WeightPrecision, modelHash: String) -> String {
        "weights-\(precision.rawValue)-v\(PackedLayout.version)-\(modelHash.prefix(32))\(fileEnding)"
    }

    /// A model's packed weights, from the file that there is, or that is made now.
    ///
    /// - Parameter source: Is read only where there is no file.
    /// - Throws: `CheckpointError` for tensors that are missing, or have another shape or numbers that are not finite.
    public func weights(
        _ source: any TensorSource, _ configuration: LanguageModelConfiguration, _ precision: WeightPrecision,
        modelHash: String, pool: WorkerPool
    ) throws -> any PackedWeights {
        let name = Self.fileName(precision, modelHash: modelHash)
        let files = folders.map { $0.appending(path: name) }
        func opened(_ file: URL) -> PackedWeightsFile? {
            guard FileManager.default.fileExists(atPath: file.path) else { return nil }
            do {
                return try PackedWeightsFile(file, configuration, precision, modelHash: modelHash)
            } catch {
                tell(.unusable(path: file.path, reason: error.reason))
                return nil
            }
        }
        for file in files { if let found = opened(file) { return found } }
        for file in files {
            do {
                let lock = try FolderLock(of: file, tell: tell)
                defer { lock.release() }
                // Whoever had the lock before us may have made it.
                if let found = opened(file) { return found }
                lock.removeAbandonedDrafts()
                tell(.making(path: file.path))
                let start = ContinuousClock.now
                try PackedWeightsFile.make(
                    file, source, configuration, precision, modelHash: modelHash, pool: pool)
                let made = try PackedWeightsFile(file, configuration, precision, modelHash: modelHash)
                tell(
                    .made(
                        path: file.path, byteCount: made.byteCount,
                        seconds: (ContinuousClock.now - start) / .seconds(1)))
                return made
            } catch let error as PackedFileWriter.CannotWrite {
                tell(.cannotWrite(reason: error.description))
            }
        }
        tell(.packingInMemory)
        return PackingInMemory(source, pool: pool)
    }
}
