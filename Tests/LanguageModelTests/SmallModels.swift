import Checkpoint
import Compute
import Foundation
import LanguageModel
import TestSupport
import Testing
import Tokens

/// Small models with random weights, for what no golden case can say.
enum SmallModels {
    static func configuration(
        vocabulary: Int = 300, channels: Int = 4, speechVocabulary: Int? = nil, speechPad: Int = 40,
        speech: Range<Int> = 200..<240, layers: Int = 2, headSize: Int = 24
    ) throws -> LanguageModelConfiguration {
        let json = """
            {"vocab_size": \(vocabulary), "hidden_size": 48, "intermediate_size": 80, "num_hidden_layers": \(layers),
             "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": \(headSize), "rms_norm_eps": 1e-6,
             "rope_theta": 10000.0, "channels": \(channels), "speech_vocab_size": \(speechVocabulary ?? speechPad + 1),
             "speech_pad_token": \(speechPad), "speech_token_range": [\(speech.lowerBound), \(speech.upperBound)],
             "max_position_embeddings": 4096, "pad_token_id": 1, "eos_token_id": 2, "hidden_act": "silu"}
            """
        let folder = try ScratchFolder()
        let file = folder.url.appending(path: "config.json")
        try Data(json.utf8).write(to: file)
        return try LanguageModelConfiguration(file: file)
    }

    static func model(
        seed: UInt64 = 1, threads: Int = 2, kernels: Kernels = .chosen, precision: WeightPrecision = .stored,
        keyValues: KeyValuePrecision = .f32, headSize: Int = 24
    ) throws -> LanguageModel {
        let configuration = try configuration(headSize: headSize)
        return try LanguageModel(
            RandomTensors(configuration, seed: seed), configuration: configuration,
            device: CPUDevice(pool: WorkerPool(threads: threads), kernels: kernels), precision: precision,
            keyValues: keyValues)
    }

    /// A prompt of text rows, in shifted form.
    static func prompt(_ rows: Int, _ configuration: LanguageModelConfiguration, seed: UInt64 = 3) -> TokenGrid {
        shifted(self.rows(rows, configuration, seed: seed), configuration)
    }

    /// Text rows.
    static func rows(_ count: Int, _ configuration: LanguageModelConfiguration, seed: UInt64) -> TokenGrid {
        var random = SeededRandom(seed: seed)
        var grid = TokenGrid(channels: configuration.channels)
        for _ in 0..<count {
            var row = pads(configuration)
            row[0] = Int32.random(in: 3..<200, using: &random)
            grid.append(row: row)
        }
        return grid
    }

    static func shifted(_ rows: TokenGrid, _ configuration: LanguageModelConfiguration) -> TokenGrid {
        DelayPattern(
            pads: pads(configuration), speechTokenStart: Int32(configuration.speechTokenRange.lowerBound)
        ).shift(rows)
    }

    private static func pads(_ configuration: LanguageModelConfiguration) -> [Int32] {
        [Int32(configuration.padToken)]
            + Array(repeating: Int32(configuration.speechPadToken), count: configuration.channels - 1)
    }

    /// A request that goes on for some frames: every id but speech is unlikely with random weights only by chance, so
    /// the length is what ends most of them.
    static func request(
        _ configuration: LanguageModelConfiguration, rows: Int = 20, seed: UInt64 = 11, frames: Int = 12,
        sampling: ChannelSampling = ChannelSampling(repetitionPenalty: 1.1, temperature: 0.9, topK: 20, topP: 0.9)
    ) -> GenerationRequest {
        GenerationRequest(
            prompt: prompt(rows, configuration, seed: seed), seed: seed,
            sampling: Array(repeating: sampling, count: configuration.channels), maxNewTokens: frames,
            rules: GenerationRules(configuration, endOfSpeech: 250))
    }
}

/// Random weights of the shapes that a configuration implies.
///
/// Channel 0's embeddings outside the speech tokens are zero, hence their scores: so a generation mostly goes on, as a
/// trained model's does.
struct RandomTensors: TensorSource {
    private let tensors: [String: StoredTensor]

    init(_ configuration: LanguageModelConfiguration, seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var tensors: [String: StoredTensor] = [:]
        for expected in LanguageModelTensors.expected(configuration) where expected.isRequired {
            let count = expected.shape.reduce(1, *)
            let isNorm = expected.shape.count == 1
            var floats = (0..<count).map { _ in
                isNorm ? Float.random(in: 0.8...1.2, using: &random) : Float.random(in: -0.3...0.3, using: &random)
            }
            if expected.name.contains("embedding_list.0.") {
                let width = expected.shape[1]
                let speech = configuration.speechTokenRange
                for id in 0..<expected.shape[0] where !speech.contains(id) {
                    for column in 0..<width { floats[id * width + column] *= 0.05 }
                }
            }
            tensors[expected.name] = StoredTensor(name: expected.name, shape: expected.shape, floats: floats)
        }
        self.tensors = tensors
    }

    var names: [String] { tensors.keys.sorted() }
    var location: String { "random weights" }

    func tensor(_ name: String) throws(CheckpointError) -> StoredTensor {
        guard let tensor = tensors[name] else {
            throw CheckpointError(.missing, file: location, subject: name, "there is no such tensor")
        }
        return tensor
    }

    func layout(_ name: String) -> TensorLayout? {
        tensors[name].map { TensorLayout(shape: $0.shape, scalarType: $0.scalarType) }
    }
}
