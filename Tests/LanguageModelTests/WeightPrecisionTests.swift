import Checkpoint
import Compute
import LanguageModel
import TestSupport
import Testing

/// What the precisions make of a checkpoint's weights.
@Suite struct WeightPrecisionTests {
    /// Matrices rounded to bf16, kept in f32.
    private struct Rounded: TensorSource {
        let base: RandomTensors
        var names: [String] { base.names }
        var location: String { base.location }
        func layout(_ name: String) -> TensorLayout? { base.layout(name) }

        func tensor(_ name: String) throws(CheckpointError) -> StoredTensor {
            let tensor = try base.tensor(name)
            guard tensor.shape.count == 2 else { return tensor }
            let rounded = try tensor.floats().map { number in
                // Halfway between two neighbours the even one is taken.
                let below = Float(bitPattern: number.bitPattern & 0xFFFF_0000)
                let above = Float(bitPattern: (number.bitPattern & 0xFFFF_0000) &+ 0x1_0000)
                let (toBelow, toAbove) = ((number - below).magnitude, (above - number).magnitude)
                if toBelow == toAbove { return number.bitPattern & 0x1_0000 == 0 ? below : above }
                return toBelow < toAbove ? below : above
            }
            return StoredTensor(name: name, shape: tensor.shape, floats: rounded)
        }
    }

    @Test func bf16RoundsACheckpointInF32WhenItIsLoaded() throws {
        let configuration = try SmallModels.configuration()
        let source = RandomTensors(configuration, seed: 9)
        let device = CPUDevice(pool: WorkerPool(threads: 2))
        let prompt = SmallModels.prompt(7, configuration)
        func logits(_ source: any TensorSource, _ precision: WeightPrecision) throws -> [[UInt32]] {
            let model = try LanguageModel(
                source, configuration: configuration, device: device, precision: precision)
            return Forwarding(model, prompt, cuts: [7]).logits.map { $0.map(\.bitPattern) }
        }
        let narrowed = try logits(source, .bf16)
        #expect(narrowed == (try logits(Rounded(base: source), .stored)))
        #expect(narrowed != (try logits(source, .stored)))
    }

    @Test func aPrecisionIsCalledWhatItsWeightsAre() {
        #expect(WeightPrecision.stored.name(storedAs: .bfloat16) == "bf16")
        #expect(WeightPrecision.stored.name(storedAs: .float32) == "f32")
        #expect(WeightPrecision.int4.name(storedAs: .bfloat16) == "int4")
        #expect(WeightPrecision.allCases.filter(\.isPacked) == [.int8, .int4])
    }

    /// Speech is spoken from 8 bits; the text beside it, which only ends it, is most of the head.
    @Test func int4KeepsSpeechIn8BitsAndTextIn4() throws {
        let configuration = try SmallModels.configuration()
        let parts = WeightPrecision.int4.packedMatrices(configuration).filter {
            $0.tensor == "model.embedding_list.0.weight"
        }
        #expect(parts.map(\.layout.bits) == [.four, .eight])
        #expect(parts.first?.outputs.lowerBound == 0)
        #expect(parts.first?.outputs.upperBound == parts.last?.outputs.lowerBound)
        #expect(parts.last?.outputs.upperBound == configuration.vocabularySize)
        let speech = configuration.speechTokenRange
        #expect(parts.last?.outputs.contains(speech.lowerBound) == true)
        #expect(parts.last?.outputs.contains(speech.upperBound - 1) == true)
        #expect((parts.first?.outputs.count ?? 0) + CPUDevice.Layer.outputAlignment > speech.lowerBound)

        for precision in [WeightPrecision.int8, .int4] {
            let packed = precision.packedMatrices(configuration)
            #expect(Set(packed.map(\.name)).count == packed.count)
            for part in packed where part.tensor != "model.embedding_list.0.weight" {
                #expect(part.name == part.tensor && part.outputs == 0..<part.shape[0])
            }
        }
    }

    /// A head in parts gives each id the score that its part alone gives it, in every row.
    @Test func aHeadInPartsScoresEveryID() throws {
        let configuration = try SmallModels.configuration()
        let source = RandomTensors(configuration, seed: 4)
        let device = CPUDevice(pool: WorkerPool(threads: 2))
        let prompt = SmallModels.prompt(9, configuration)
        func logits(_ precision: WeightPrecision) throws -> [[Float]] {
            let model = try LanguageModel(source, configuration: configuration, device: device, precision: precision)
            return Forwarding(model, prompt, cuts: [9]).logits
        }
        let (packed, stored) = (try logits(.int4), try logits(.stored))
        for (channel, (scores, known)) in zip(packed, stored).enumerated() {
            var (error, size) = (0.0, 0.0)
            for (score, right) in zip(scores, known) {
                error += Double((score - right) * (score - right))
                size += Double(right * right)
            }
            #expect((error / size).squareRoot() < 0.3, "channel \(channel)")
        }
    }
}
