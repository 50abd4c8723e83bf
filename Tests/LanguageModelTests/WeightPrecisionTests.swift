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
}
