public import Checkpoint
internal import Compute
public import Foundation
public import LanguageModel
internal import ModelLoading
public import ServiceKit
public import SpeechCodec

/// What is measured: a model on disk, or the sizes of a published one filled with random numbers.
public struct BenchmarkSubject: Sendable {
    /// Sizes that need no download.
    public enum Published: String, CaseIterable, Sendable {
        case v05 = "moss-ttsd-v0.5"
        case v07 = "moss-ttsd-v0.7"
    }

    /// For people.
    public let name: String
    public let languageModel: LanguageModelConfiguration
    public let codec: CodecConfiguration
    public var codecPrecision = SpeechCodec.Precision.standard
    private let languageModelSource: @Sendable () throws -> any TensorSource
    private let codecSource: @Sendable () throws -> any TensorSource
    /// Of a model on disk.
    private let installed: InstalledModel?
    private let caches: ModelCaches?

    /// Speech, in frames a second: as many decode steps a second are real time.
    public var frameRate: Double { codec.frameRate }

    public init(randomWeights published: Published) {
        name = "random weights of the sizes of \(published.rawValue)"
        let languageModel = LanguageModelConfiguration.mossTTSD
        let codec: CodecConfiguration =
            switch published {
            case .v05: .xyTokenizer24k
            case .v07: .xyTokenizer32k
            }
        self.languageModel = languageModel
        self.codec = codec
        languageModelSource = { RandomWeights.languageModel(languageModel) }
        codecSource = { RandomWeights.codec(codec) }
        installed = nil
        caches = nil
    }

    /// - Parameters:
    ///   - model: nil takes the embedded model.
    ///   - cacheFolder: For packed weights that find no place beside the model's; nil for one that the system empties.
    /// - Throws: `CheckpointError` or `DemoVoiceError`.
    public init(model: URL?, codec codecFolder: URL?, cacheFolder: URL? = nil) throws {
        let installed = try InstalledModel(model: model, codec: codecFolder)
        let languageModel = try installed.directory.languageModel.configuration()
        let codec = try installed.directory.codec.configuration()
        name = installed.name
        self.languageModel = languageModel
        self.codec = codec
        languageModelSource = { try installed.directory.languageModel.tensors(languageModel) }
        codecSource = { try installed.directory.codec.tensors(codec) }
        self.installed = installed
        caches = ModelCaches(folder: cacheFolder ?? FileManager.default.temporaryDirectory)
    }

    /// What a setting means for the language model.
    ///
    /// - Throws: `CheckpointError`.
    public func weightPrecision(_ wanted: ServiceSettings.Precision) throws -> WeightPrecision {
        WeightPrecision(wanted, storedBytes: try languageModelTensors().byteCount)
    }

    /// The language model as a generator finds it at a later start than its first.
    func preparedLanguageModel(
        _ precision: WeightPrecision, pool: WorkerPool
    ) throws -> PreparedLanguageModel {
        var folders: [URL] = []
        var modelHash = "random"
        if let installed, let caches, precision.isPacked {
            folders = installed.packedWeightsFolders(caches)
            modelHash = try installed.directory.languageModel.contentHash(caches.stamps)
        }
        return try PreparedLanguageModel(
            try languageModelTensors(), languageModel, precision, folders: folders, modelHash: modelHash, pool: pool)
    }

    /// Random ones are made tensor by tensor as they are asked for.
    func languageModelTensors() throws -> any TensorSource { try languageModelSource() }
    func codecTensors() throws -> any TensorSource { try codecSource() }

    /// Memory that the larger of its parts takes: the weights as they are used, and keys and values of the streams.
    public func memoryEstimate(extent: BenchmarkExtent, precision: WeightPrecision = .stored) -> Int {
        func numbers(_ tensors: [ExpectedTensor]) -> Int {
            tensors.filter(\.isRequired).reduce(0) { $0 + $1.shape.reduce(1, *) }
        }
        let sizes = languageModel
        let cacheRow = 2 * KeyValuePrecision.bf16.bytes * sizes.layers * sizes.keyValueHeads * sizes.headSize
        let rows = (extent.streams.max() ?? 1) * (extent.depth + 128)
        // Beside packed weights the checkpoint's are hardly touched.
        let packed = precision.packedMatrices(sizes).reduce(0) { $0 + $1.layout.byteCount }
        let weights = precision.isPacked ? packed : 2 * numbers(LanguageModelTensors.expected(sizes))
        // A codec's weights are copied as they are laid out, one tensor after another.
        return max(
            weights + rows * cacheRow,
            4 * numbers(CodecTensors.expected(codec)) + 1 << 30)
    }
}
