import ArgumentParser
import Checkpoint
import Compute
import Foundation
import LanguageModel
import ModelLoading
import Printing
import ServiceKit

/// `colloquy models quantize`
struct QuantizeModel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quantize", abstract: "Pack a model's weights ahead of time, as a generator's first start would.",
        discussion: """
            The file lies beside the weights where that folder takes it, else in the cache folder; every generator of this \
            machine uses it. The rounding error of a kind of matrix is the length of what rounding adds over the length of \
            the weights.
            """)
    @OptionGroup var options: ModelOptions
    @Option(help: "A checkpoint (default: the configured model, or the embedded one).")
    var model: String?
    @Option(help: "int8 or int4.")
    var precision: ServiceSettings.Precision
    @Option(help: "Threads (default: as many as there are processors).")
    var threads: Int?
    @Flag(help: "One JSON object, for machines.")
    var json = false

    func validate() throws {
        guard precision == .int8 || precision == .int4 else {
            throw ValidationError("--precision: allowed is int8, int4; others need no file")
        }
        guard (1...1024).contains(threads ?? 1) else { throw ValidationError("--threads: allowed is 1...1024") }
    }

    func run() async throws {
        let settings = try options.settings(model: model)
        let quantized = try Quantized(
            InstalledModel(settings: settings), precision, caches: ModelCaches(folder: settings.cacheDirectory),
            pool: WorkerPool(threads: threads ?? WorkerPool.allowedCPUs),
            tell: { StandardError.write("colloquy: \($0)\n") })
        print(json ? try JSONLine.text(quantized) : quantized.text)
    }
}

/// What became of it.
private struct Quantized: Encodable {
    struct Kind: Encodable {
        let name: String
        let matrices, bits: Int
        let relativeError: Double
    }

    let path: String
    let precision: String
    let bytes: Int
    /// Seconds, with making the file where it was not there.
    let seconds: Double
    let kinds: [Kind]

    init(
        _ model: InstalledModel, _ wanted: ServiceSettings.Precision, caches: ModelCaches, pool: WorkerPool,
        tell: @escaping @Sendable (WeightCache.Event) -> Void
    ) throws {
        let files = model.directory.languageModel
        let configuration = try files.configuration()
        let tensors = try files.tensors(configuration)
        let precision = WeightPrecision(wanted, storedBytes: tensors.byteCount)
        let start = ContinuousClock.now
        let hash = try files.contentHash(caches.stamps)
        let weights = try WeightCache(folders: model.packedWeightsFolders(caches), tell: tell).weights(
            tensors, configuration, precision, modelHash: hash, pool: pool)
        seconds = (ContinuousClock.now - start) / .seconds(1)
        guard let file = weights as? PackedWeightsFile else {
            throw ServiceFailure(.cannotCreate, "no folder takes the file; set cache_dir (COLLOQUY_CACHE_DIR)")
        }
        path = file.path
        bytes = file.byteCount
        self.precision = precision.rawValue
        kinds = try RoundingErrors(file, tensors, configuration, precision, pool: pool).kinds.map {
            Kind(name: $0.name, matrices: $0.matrices, bits: $0.bits, relativeError: $0.relativeError)
        }
    }

    var text: String {
        var table = TextTable(indent: 2)
        for kind in kinds {
            table.add(
                kind.name, "\(kind.matrices)", "\(kind.bits) bits", "relative rounding error",
                "\(Quantity.number(kind.relativeError * 100)) %")
        }
        return "\(path)\n\(precision), \(Quantity.bytes(bytes)), \(Quantity.number(seconds)) s\n" + table.text
    }
}
