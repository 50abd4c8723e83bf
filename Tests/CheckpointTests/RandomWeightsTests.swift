import Checkpoint
import TestSupport
import Testing

@Suite struct RandomWeightsTests {
    @Test func givesEveryTensorThatAModelNeeds() throws {
        let languageModel = RandomWeights.languageModel()
        try languageModel.requireAgreement(with: LanguageModelTensors.expected(.mossTTSD))
        #expect(languageModel.layout("model.language_model.norm.weight")?.scalarType == .bfloat16)
        let codec = RandomWeights.codec()
        try codec.requireAgreement(with: CodecTensors.expected(.xyTokenizer24k))
        #expect(codec.layout("downsample.down_proj.weight")?.scalarType == .float32)
    }

    @Test func givesTheSameNumbersForTheSameSeedAndNameOnly() throws {
        let name = "model.language_model.layers.0.self_attn.q_norm.weight"
        let one = try RandomWeights.languageModel(seed: 1).tensor(name).floats()
        #expect(try RandomWeights.languageModel(seed: 1).tensor(name).floats() == one)
        #expect(try RandomWeights.languageModel(seed: 2).tensor(name).floats() != one)
        let other = "model.language_model.layers.1.self_attn.q_norm.weight"
        #expect(try RandomWeights.languageModel(seed: 1).tensor(other).floats() != one)
    }

    /// A weight applied to numbers of size 1 gives numbers of size 1: thirty layers neither vanish nor overflow.
    @Test func keepsActivationsInSize() throws {
        let weight = try RandomWeights.codec().tensor("quantizer.input_proj.weight_v")
        let numbers = try weight.floats()
        let energy = numbers.reduce(0) { $0 + $1 * $1 } / Float(weight.shape[0])
        #expect((0.9...1.1).contains(energy))
        let norms = try RandomWeights.codec().tensor("downsample.layer_norm.weight").floats()
        #expect(norms.allSatisfy { (0.89...1.11).contains($0) })
    }
}
