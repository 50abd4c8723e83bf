public import Checkpoint
import Compute
import Dialogue
import Foundation
public import LanguageModel
public import ServiceKit

/// What can be told of a model without running it. Reads configurations, the tokenizer and the tensors' headers.
public struct ModelSummary: Sendable {
    /// One half of a model.
    public struct Weights: Equatable, Sendable {
        public let parameters: Int
        /// Bytes of the tensors that are used, as they are stored.
        public let storedBytes: Int
        /// Of most of them: `bf16`.
        public let precision: String
        /// Of a number that is kept of the rows of a dialogue, for the language model.
        let keyValueBytes: Int

        init(_ tensors: any TensorSource, _ expected: [ExpectedTensor]) {
            var parameters = 0
            var storedBytes = 0
            for tensor in expected where tensor.isRequired {
                let count = tensor.shape.reduce(1, *)
                parameters += count
                storedBytes += count * (tensors.layout(tensor.name)?.scalarType.size ?? 0)
            }
            self.parameters = parameters
            self.storedBytes = storedBytes
            let type = tensors.precision
            precision = type?.shortName ?? ""
            keyValueBytes = KeyValuePrecision(beside: .stored, storedAs: type).bytes
        }
    }

    /// How a channel is drawn; channels in a row that are drawn alike stand together.
    public struct Sampling: Equatable, Sendable {
        public let channels: ClosedRange<Int>
        public let isDrawn: Bool
        public let processors: GenerationConfiguration.Channel
    }

    public let name: String
    public let path: String
    public let flavor: ModelFlavor
    public let languageModel: LanguageModelConfiguration
    public let codec: CodecConfiguration
    public let languageModelWeights: Weights
    public let codecWeights: Weights
    /// Ids of the tokenizer; nil where there is none.
    public let tokenizerSize: Int?
    public let sampling: [Sampling]

    /// - Throws: `CheckpointError` or `TokenizerError`, for a model that could not be loaded.
    public init(_ model: InstalledModel) throws {
        let directory = model.directory
        name = model.name
        path = directory.path.path
        flavor = directory.flavor
        languageModel = try directory.languageModel.configuration()
        codec = try directory.codec.configuration()
        languageModelWeights = Weights(
            try directory.languageModel.tensors(languageModel), LanguageModelTensors.expected(languageModel))
        codecWeights = Weights(try directory.codec.tensors(codec), CodecTensors.expected(codec))
        tokenizerSize = directory.languageModel.tokenizerFolder == nil ? nil : try model.tokenizer().vocabularySize
        sampling = Self.grouped(try directory.languageModel.generation(channels: languageModel.channels))
    }

    static func grouped(_ generation: GenerationConfiguration) -> [Sampling] {
        var groups: [Sampling] = []
        for (channel, (isDrawn, processors)) in zip(generation.doSamples, generation.channels).enumerated() {
            var first = channel
            if let last = groups.last, last.isDrawn == isDrawn, last.processors == processors {
                first = last.channels.lowerBound
                groups.removeLast()
            }
            groups.append(Sampling(channels: first...channel, isDrawn: isDrawn, processors: processors))
        }
        return groups
    }
}

extension ModelSummary {
    /// Bytes of keys and values for a row of a running dialogue: two numbers for each layer, head and element.
    public var cacheBytesPerRow: Int {
        2 * languageModelWeights.keyValueBytes * languageModel.layers * languageModel.keyValueHeads
            * languageModel.headSize
    }

    /// Bytes that a generator takes: its weights, and keys and values of `rows` rows, of prompts and speech, of all
    /// dialogues that run.
    public func generatorBytes(rows: Int, precision: WeightPrecision) -> Int {
        weightBytes(precision) + rows * cacheBytesPerRow
    }

    /// What a setting means for this model.
    public func precision(_ wanted: ServiceSettings.Precision) -> WeightPrecision {
        WeightPrecision(wanted, storedBytes: languageModelWeights.storedBytes)
    }

    /// Weights in f32 and bf16 are used where they are stored, others are widened to f32. Beside packed weights only some
    /// rows of the embeddings are touched, which hardly count where they need not be widened.
    private func weightBytes(_ precision: WeightPrecision) -> Int {
        let isInPlace = ["f32", "bf16"].contains(languageModelWeights.precision)
        switch precision {
        case .stored: return isInPlace ? languageModelWeights.storedBytes : 4 * languageModelWeights.parameters
        case .bf16: return 2 * languageModelWeights.parameters
        case .int8, .int4:
            let packed = precision.packedMatrices(languageModel).reduce(0) { $0 + $1.layout.byteCount }
            let embeddings = LanguageModelTensors.expected(languageModel)
                .filter { $0.name.contains("embedding_list") }.reduce(0) { $0 + $1.shape.reduce(1, *) }
            return packed + (isInPlace ? 0 : 4 * embeddings)
        }
    }

    /// Bytes that a codec takes: its weights in f32, without the buffers of the windows that it works on.
    public var codecBytes: Int { 4 * codecWeights.parameters }

    /// Rows of a dialogue of a minute behind two prompts of 10 s: what the estimates for people count with.
    public var rowsOfAMinute: Int { Int((80 * codec.frameRate).rounded(.up)) }
}
