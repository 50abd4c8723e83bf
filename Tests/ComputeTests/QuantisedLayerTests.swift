import Compute
import TestSupport
import Testing

/// The promise of quantised.h: integers inside a group, groups in order, the same bits from every version.
@Suite struct QuantisedLayerTests {
    private static let inputCounts = [1, 5, 31, 64, 127, 128, 129, 200, 256, 300, 520]

    @Test(arguments: KernelVersion.fast, inputCounts)
    func layersEqualTheOracleAtEverySize(version: KernelVersion, inputs: Int) throws {
        let oracle = CPUDevice(pool: WorkerPool(threads: 1), kernels: try #require(Kernels(.scalar)))
        let device = CPUDevice(pool: WorkerPool(threads: 2), kernels: version.kernels)
        var random = SeededRandom(seed: UInt64(inputs))
        for bits in PackedLayout.Bits.allCases {
            for (rows, outputs) in [
                (1, 1), (1, 16), (1, 45), (2, 33), (3, 17), (4, 16), (5, 7), (6, 48), (7, 15), (8, 64), (9, 31),
                (16, 40), (17, 20), (32, 33), (63, 16), (64, 32), (65, 3), (130, 34),
            ] {
                let weights = random.packed(bits, outputs: outputs, inputs: inputs)
                let x = random.numbers(rows * inputs)
                #expect(
                    device.product(x, rows, weights) == oracle.product(x, rows, weights),
                    "\(bits) bits, \(rows) rows, \(outputs) outputs")
            }
        }
    }

    /// Many rows meet all outputs part by part, and weights that were made bytes are kept for the next rows or are not.
    private static let longs = [
        (300, 20, 300), (257, 50, 130), (300, 110, 200), (290, 33, 2600), (150, 17, 9000), (270, 90, 5000),
    ]

    @Test(arguments: KernelVersion.fast, longs)
    func manyRowsEqualTheOracle(version: KernelVersion, size: (Int, Int, Int)) throws {
        let oracle = CPUDevice(pool: WorkerPool(threads: 2), kernels: try #require(Kernels(.scalar)))
        let device = CPUDevice(pool: WorkerPool(threads: 2), kernels: version.kernels)
        let (rows, outputs, inputs) = size
        var random = SeededRandom(seed: UInt64(rows))
        let x = random.numbers(rows * inputs)
        for bits in PackedLayout.Bits.allCases {
            let weights = random.packed(bits, outputs: outputs, inputs: inputs)
            #expect(device.product(x, rows, weights) == oracle.product(x, rows, weights), "\(bits) bits")
        }
    }

    private static let gatedSizes = [
        (1, 16, 40), (3, 45, 130), (20, 128, 64), (33, 300, 200), (140, 170, 300), (520, 130, 30),
    ]

    /// What is quantised is compared by the products of a layer that reads it.
    @Test(arguments: KernelVersion.fast, gatedSizes)
    func gatedLayersGiveWhatTheLayersThenSwiGLUThenRoundingGive(version: KernelVersion, size: (Int, Int, Int)) throws {
        let oracle = CPUDevice(pool: WorkerPool(threads: 1), kernels: try #require(Kernels(.scalar)))
        let device = CPUDevice(pool: WorkerPool(threads: 2), kernels: version.kernels)
        let (rows, inner, inputs) = size
        var random = SeededRandom(seed: UInt64(inner))
        let x = random.numbers(rows * inputs)
        for bits in PackedLayout.Bits.allCases {
            let gate = random.packed(bits, outputs: inner, inputs: inputs)
            let up = random.packed(bits, outputs: inner, inputs: inputs)
            let down = random.packed(.eight, outputs: 20, inputs: inner)
            let gates = oracle.product(x, rows, gate).map(Float.init(bitPattern:))
            let ups = oracle.product(x, rows, up).map(Float.init(bitPattern:))
            let expected = AlignedFloats(count: rows * inner)
            expected.base.update(from: gates, count: gates.count)
            oracle.kernels.siluMultiply(expected.base, ups, count: ups.count)

            let (room, result) = (
                QuantisedRows(rows: rows, inputs: inputs), QuantisedRows(rows: rows, inputs: inner)
            )
            for row in 0..<rows {
                x.withUnsafeBufferPointer { numbers in
                    guard let base = numbers.baseAddress else { return }
                    version.kernels.quantise(base + row * inputs, inputs: inputs, row: row, of: rows, into: room)
                }
            }
            let layers = try #require(GatedLayers(gate: .packed(gate), up: .packed(up)))
            device.gated(room, rows: rows, layers, into: result)
            let products = AlignedFloats(count: rows * 20)
            device.linear(
                expected.base, rows: rows, [CPUDevice.Layer(.packed(down), into: products.base)], through: result,
                areQuantised: true)
            #expect(
                products.buffer.map(\.bitPattern) == oracle.product(Array(expected.buffer), rows, down), "\(bits) bits")
        }
    }

    /// Tiles read 16 rows at a time.
    @Test(arguments: KernelVersion.fast)
    func whatTheRoomHoldsBehindTheRowsDoesNotMatter(version: KernelVersion) throws {
        let device = CPUDevice(pool: WorkerPool(threads: 1), kernels: version.kernels)
        var random = SeededRandom(seed: 41)
        let inputs = 300
        let before = [Float](repeating: .nan, count: 40 * inputs)
        for bits in PackedLayout.Bits.allCases {
            let weights = random.packed(bits, outputs: 35, inputs: inputs)
            for rows in [1, 2, 11, 12, 13, 15, 16, 17, 33] {
                let x = random.numbers(rows * inputs)
                let room = QuantisedRows(rows: 40, inputs: inputs)
                _ = device.product(before, 40, weights, through: room)
                #expect(
                    device.product(x, rows, weights, through: room) == device.product(x, rows, weights),
                    "\(bits) bits, \(rows) rows")
            }
        }
    }

    /// Random numbers come nowhere near the largest sums that the kernels must hold in few bits.
    @Test(arguments: KernelVersion.fast)
    func theLargestSumsEqualTheOracle(version: KernelVersion) throws {
        let oracle = CPUDevice(pool: WorkerPool(threads: 1), kernels: try #require(Kernels(.scalar)))
        let device = CPUDevice(pool: WorkerPool(threads: 1), kernels: version.kernels)
        // Of each four inputs, which are negative.
        let signs: [[Float]] = [[1, 1, 1, 1], [-1, -1, -1, -1], [1, 1, -1, -1], [1, -1, 1, -1], [-1, 1, 1, -1]]
        let inputs = 256
        let x = turned((0..<10 * inputs).map { signs[$0 / inputs % 5][$0 % 4] })
        let lowests: [Float] = [0, -8 / 7, -1]  // beside 1
        for bits in PackedLayout.Bits.allCases {
            for lowest in lowests {
                for pattern in signs {
                    let four = pattern.map { $0 > 0 ? 1 : lowest }
                    let w = turned((0..<20 * inputs).map { four[($0 + $0 / inputs) % 4] })
                    let weights = packed(w, bits, outputs: 20, inputs: inputs)
                    for rows in [1, 2, 3, 4, 5, 10] {
                        let few = Array(x.suffix(rows * inputs))
                        #expect(
                            device.product(few, rows, weights) == oracle.product(few, rows, weights),
                            "\(bits) bits, \(lowest), \(pattern), \(rows) rows")
                    }
                }
            }
        }
    }

    @Test(arguments: PackedLayout.Bits.allCases)
    func aRowsBitsDependOnItAlone(bits: PackedLayout.Bits) {
        let device = CPUDevice(pool: WorkerPool(threads: 2))
        var random = SeededRandom(seed: 5)
        let (rows, inputs, outputs) = (70, 300, 90)
        let weights = random.packed(bits, outputs: outputs, inputs: inputs)
        let x = random.numbers(rows * inputs)
        let together = device.product(x, rows, weights)
        for _ in 0..<40 {
            let first = Int.random(in: 0..<rows, using: &random)
            let count = Int.random(in: 1...rows - first, using: &random)
            let alone = device.product(Array(x[first * inputs..<(first + count) * inputs]), count, weights)
            #expect(
                alone[...] == together[first * outputs..<(first + count) * outputs], "rows \(first), \(count) of them")
        }
    }

    @Test(arguments: [(PackedLayout.Bits.eight, 0.012), (.four, 0.11)])
    func productsAreCloseToThoseOfTheNumbersPacked(bits: PackedLayout.Bits, tolerance: Double) {
        var random = SeededRandom(seed: 11)
        let (rows, inputs, outputs) = (4, 700, 50)
        let w = random.numbers(outputs * inputs)
        let x = random.numbers(rows * inputs)
        let product = CPUDevice(pool: WorkerPool(threads: 1)).product(
            x, rows, packed(w, bits, outputs: outputs, inputs: inputs))
        var (error, size) = (0.0, 0.0)
        for row in 0..<rows {
            for output in 0..<outputs {
                let truth = (0..<inputs).reduce(0.0) {
                    $0 + Double(x[row * inputs + $1]) * Double(w[output * inputs + $1])
                }
                let apart = Double(Float(bitPattern: product[row * outputs + output])) - truth
                error += apart * apart
                size += truth * truth
            }
        }
        #expect((error / size).squareRoot() < tolerance)
    }

    /// The rounding of an output's weights, beside their size.
    @Test(arguments: [(PackedLayout.Bits.eight, 0.009), (.four, 0.1)])
    func packedWeightsAreAsCloseAsTheirBitsAllow(bits: PackedLayout.Bits, tolerance: Double) {
        var random = SeededRandom(seed: 3)
        let (inputs, outputs) = (200, 20)
        let w = random.numbers(outputs * inputs)
        let matrix = packed(w, bits, outputs: outputs, inputs: inputs)
        for output in 0..<outputs {
            let truth = w[output * inputs..<(output + 1) * inputs]
            let error = zip(matrix.row(output), truth).reduce(0.0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
            let size = truth.reduce(0.0) { $0 + Double($1 * $1) }
            #expect((error / size).squareRoot() < tolerance, "output \(output)")
        }
    }

    @Test(arguments: PackedLayout.Bits.allCases)
    func packingDoesNotDependOnThreads(bits: PackedLayout.Bits) {
        var random = SeededRandom(seed: 17)
        let w = random.numbers(77 * 150)
        let layout = PackedLayout(bits: bits, outputs: 77, inputs: 150)
        let one = PackedBytes(layout, w, threads: 1)
        let two = PackedBytes(layout, w, threads: 2)
        #expect(Array(one.bytes) == Array(two.bytes))
    }

    @Test(arguments: KernelVersion.all)
    func whatIsNoNumberStaysNoNumberInItsRow(version: KernelVersion) throws {
        let device = CPUDevice(pool: WorkerPool(threads: 1), kernels: version.kernels)
        var random = SeededRandom(seed: 23)
        let weights = random.packed(.eight, outputs: 3, inputs: 140)
        for broken in [Float.nan, .infinity, -.infinity] {
            var x = random.numbers(3 * 140)
            x[140 + 7] = broken
            let y = device.product(x, 3, weights).map(Float.init(bitPattern:))
            #expect(y.map(\.isNaN) == [false, false, false, true, true, true, false, false, false])
        }
    }

    @Test func zerosAndVanishingNumbersGiveZero() {
        let device = CPUDevice(pool: WorkerPool(threads: 1))
        for bits in PackedLayout.Bits.allCases {
            let zeros = packed([Float](repeating: 0, count: 260), bits, outputs: 2, inputs: 130)
            #expect(device.product([Float](repeating: 1, count: 130), 1, zeros) == [0, 0])
            let ones = packed([Float](repeating: 1, count: 260), bits, outputs: 2, inputs: 130)
            #expect(device.product([Float](repeating: 1e-35, count: 130), 1, ones) == [0, 0])
        }
    }
}

/// What the layers' own turn makes into `numbers` again, times 128.
private func turned(_ numbers: [Float]) -> [Float] {
    var numbers = numbers
    let group = 128
    var stride = group / 2
    while stride > 0 {
        for index in numbers.indices where index % (2 * stride) < stride {
            let (a, b) = (numbers[index], numbers[index + stride])
            (numbers[index], numbers[index + stride]) = (a + b, a - b)
        }
        stride /= 2
    }
    return numbers
}

/// Packed weights and their memory.
final class PackedBytes: @unchecked Sendable {
    let bytes: UnsafeMutableRawBufferPointer

    init(_ layout: PackedLayout, _ w: [Float], threads: Int) {
        bytes = .allocate(byteCount: layout.byteCount, alignment: PackedLayout.alignment)
        guard let base = bytes.baseAddress else { return }
        layout.pack(into: base, pool: WorkerPool(threads: threads)) { output, floats in
            for input in 0..<layout.inputs { floats[input] = w[output * layout.inputs + input] }
        }
    }

    deinit { bytes.deallocate() }
}

func packed(_ w: [Float], _ bits: PackedLayout.Bits, outputs: Int, inputs: Int) -> PackedMatrix {
    let layout = PackedLayout(bits: bits, outputs: outputs, inputs: inputs)
    let owner = PackedBytes(layout, w, threads: 1)
    return PackedMatrix(layout, bytes: UnsafeRawPointer(owner.bytes.baseAddress.unsafelyUnwrapped), owner: owner)
}

extension CPUDevice {
    fileprivate func product(
        _ x: [Float], _ rows: Int, _ weights: PackedMatrix, through room: QuantisedRows? = nil
    ) -> [UInt32] {
        let layout = weights.layout
        let y = AlignedFloats(count: rows * layout.outputs)
        linear(
            x, rows: rows, [Layer(.packed(weights), into: y.base)],
            through: room ?? QuantisedRows(rows: rows, inputs: layout.inputs))
        return y.buffer.map(\.bitPattern)
    }
}

extension SeededRandom {
    fileprivate mutating func numbers(_ count: Int) -> [Float] {
        (0..<count).map { _ in Float.random(in: -2...2, using: &self) }
    }

    fileprivate mutating func packed(_ bits: PackedLayout.Bits, outputs: Int, inputs: Int) -> PackedMatrix {
        ComputeTests.packed(numbers(outputs * inputs), bits, outputs: outputs, inputs: inputs)
    }
}
