import Compute
import Testing

@Suite struct PlainReadTests {
    /// Weights begin and end anywhere.
    @Test(arguments: [1, 15, 16, 17, 40, 1000], [1, 3, 700])
    func readsWeightsOfAnySizeAndPlace(outputs: Int, inputs: Int) {
        let floats = AlignedFloats(count: outputs * inputs + 1)
        let plain = DenseWeights.plain(
            WeightMatrix(outputs: outputs, inputs: inputs, float32: floats.base + 1, owner: floats))
        let four = DenseWeights.packed(
            packed([Float](repeating: 1, count: outputs * inputs), .four, outputs: outputs, inputs: inputs))
        let speed = CPUDevice(pool: WorkerPool(threads: 2)).bytesReadPerSecond([plain, four])
        #expect(speed > 0 && speed.isFinite)
    }
}
