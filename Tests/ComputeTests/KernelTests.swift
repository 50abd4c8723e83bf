import Compute
import TestSupport
import Testing

/// The promise of CKernels.h: one definition of every sum, the same bits from every version.
@Suite struct KernelTests {
    private let oracle: Kernels
    init() throws { oracle = try #require(Kernels(.scalar)) }

    @Test(arguments: KernelVersion.fast, [1, 2, 3, 5, 15, 16, 17, 31, 32, 48, 100, 257])
    func linearLayersEqualTheOracle(version: KernelVersion, inputs: Int) throws {
        let kernels = version.kernels
        var random = SeededRandom(seed: UInt64(inputs))
        for (rows, outputs) in [(1, 1), (1, 9), (2, 5), (3, 8), (4, 3), (5, 7), (6, 4), (7, 9), (13, 6), (20, 2)] {
            let x = random.floats(rows * inputs)
            for weights in [
                WeightMatrix(outputs: outputs, inputs: inputs, copying: random.floats(outputs * inputs)),
                random.bfloat16Matrix(outputs: outputs, inputs: inputs),
            ] {
                let expected = run(oracle, x, rows, weights)
                #expect(run(kernels, x, rows, weights) == expected, "\(rows) rows, \(outputs) outputs")
            }
        }
    }

    /// Signs of zeros are bits too: sums of products that vanish must not be lifted to +0 by the padding of a vector.
    @Test(arguments: KernelVersion.fast) func tinyProductsKeepTheirSign(version: KernelVersion) throws {
        let kernels = version.kernels
        for inputs in [1, 7, 17] {
            let weights = WeightMatrix(
                outputs: 1, inputs: inputs, copying: Array(repeating: -1e-38, count: inputs))
            let x = Array(repeating: Float(1e-38), count: inputs)
            #expect(run(kernels, x, 1, weights) == run(oracle, x, 1, weights))
        }
    }

    @Test(arguments: KernelVersion.fast, [1, 2, 15, 16, 17, 33, 64, 100])
    func rowKernelsEqualTheOracle(version: KernelVersion, count: Int) throws {
        let kernels = version.kernels
        var random = SeededRandom(seed: UInt64(count) &+ 99)
        let x = random.floats(2 * count, range: -30...30)
        let y = random.floats(2 * count)
        for step in RowStep.allCases {
            #expect(step.run(kernels, x, y) == step.run(oracle, x, y), "\(step)")
        }
    }

    @Test func exponentialsAreCloseToTheTruth() {
        let inputs = stride(from: Float(-90), through: 0, by: 0.37).map { $0 }
        let results = AlignedFloats(count: inputs.count)
        for (index, input) in inputs.enumerated() { results.base[index] = input }
        let sum = Kernels.chosen.exponentials(results.base, shift: 0, count: inputs.count)
        for (input, result) in zip(inputs, results.buffer) {
            let truth = Double.exp(Double(input))
            #expect(abs(Double(result) - truth) <= 2e-7 * truth + 1.2e-38, "exp(\(input)) = \(result)")
        }
        #expect(abs(sum - results.buffer.reduce(0, +)) < 1e-5)
    }

    private func run(_ kernels: Kernels, _ x: [Float], _ rows: Int, _ weights: WeightMatrix) -> [UInt32] {
        let y = AlignedFloats(count: rows * weights.outputs)
        // In two parts, as threads would take them.
        let half = weights.outputs / 2
        for part in [0..<half, half..<weights.outputs] where !part.isEmpty {
            kernels.linear(
                x, stride: weights.inputs, rows: rows, weights: weights, outputs: part, into: y.base,
                stride: weights.outputs)
        }
        return y.bits
    }
}

private enum RowStep: CaseIterable {
    case norm, sumAndNorm, rotation, silu, addition, embedding, exponential

    /// The bits of the result for the two halves of `x` and `y`.
    func run(_ kernels: Kernels, _ x: [Float], _ y: [Float]) -> [UInt32] {
        let count = x.count / 2
        let out = AlignedFloats(count: x.count)
        for (index, value) in x.enumerated() { out.base[index] = value }
        switch self {
        case .norm: kernels.rmsNorm(x, weight: y, epsilon: 1e-6, count: count, into: out.base)
        case .sumAndNorm:
            kernels.addAndRMSNorm(
                out.base, y, weight: Array(y[count...]), epsilon: 1e-6, count: count, into: out.base + count)
        case .rotation:
            kernels.rotateHalves(out.base, cosines: y, sines: Array(y[count...]), half: count)
        case .silu: kernels.siluMultiply(out.base, y, count: count)
        case .addition: kernels.add(out.base, y, count: count)
        case .embedding:
            var random = SeededRandom(seed: 3)
            kernels.add(out.base, row: 1, of: random.bfloat16Matrix(outputs: 2, inputs: count))
        case .exponential: out.base[0] = kernels.exponentials(out.base + 1, shift: 3, count: count)
        }
        return out.bits
    }
}

extension AlignedFloats {
    fileprivate convenience init(_ floats: [Float]) {
        self.init(count: floats.count)
        for (index, value) in floats.enumerated() { base[index] = value }
    }

    fileprivate var bits: [UInt32] { buffer.map(\.bitPattern) }
}

extension SeededRandom {
    fileprivate mutating func floats(_ count: Int, range: ClosedRange<Float> = -2...2) -> [Float] {
        (0..<count).map { _ in Float.random(in: range, using: &self) }
    }

    fileprivate mutating func bfloat16Matrix(outputs: Int, inputs: Int) -> WeightMatrix {
        let bits = UnsafeMutableBufferPointer<UInt16>.allocate(capacity: outputs * inputs)
        for index in bits.indices { bits[index] = UInt16(Float.random(in: -2...2, using: &self).bitPattern >> 16) }
        let owner = Bits(buffer: bits)
        return WeightMatrix(
            outputs: outputs, inputs: inputs, bfloat16: UnsafePointer(bits.baseAddress.unsafelyUnwrapped), owner: owner)
    }
}

/// Owns the memory of a test's bf16 weights, which nobody writes once it is filled.
private final class Bits: @unchecked Sendable {
    let buffer: UnsafeMutableBufferPointer<UInt16>
    init(buffer: UnsafeMutableBufferPointer<UInt16>) { self.buffer = buffer }
    deinit { buffer.deallocate() }
}

extension Double {
    /// e to the power of `x`, from a series: the test's own truth.
    fileprivate static func exp(_ x: Double) -> Double {
        let halvings = 20
        let small = x / Double(1 << halvings)
        var sum = 1 + small * (1 + small / 2 * (1 + small / 3 * (1 + small / 4)))
        for _ in 0..<halvings { sum *= sum }
        return sum
    }
}
