import CKernels
import Compute
import Foundation
import TestSupport
import Testing

/// The promise of attention.h: one definition of every sum, the same bits from every version.
@Suite struct AttentionTests {
    private let oracle: Kernels
    init() throws { oracle = try #require(Kernels(.scalar)) }

    @Test(arguments: KernelVersion.fast, KeyValuePrecision.allCases)
    func equalsTheOracle(version: KernelVersion, precision: KeyValuePrecision) {
        let odd = precision == .f32 ? [15, 33] : []
        for headSize in odd + [2, 14, 16, 24, 32, 34, 40, 64, 96, 128, 256] {
            var random = SeededRandom(seed: UInt64(headSize))
            for (first, positions, group) in [
                (0, 1, 1), (0, 9, 2), (63, 2, 3), (60, 11, 1), (127, 1, 2), (128, 1, 2), (130, 1, 2), (100, 40, 4),
                (3, 130, 2), (255, 2, 1), (256, 1, 2), (250, 12, 2), (300, 1, 16), (515, 9, 2),
            ] {
                let example = AttentionExample(first, positions, group, headSize, precision, &random)
                #expect(
                    example.run(version.kernels) == example.run(oracle),
                    "head of \(headSize), \(positions) from \(first), group \(group)")
            }
        }
    }

    /// From what is kept as 0 to what is larger than any score: CPUs disagree about denormals, and there must be none.
    @Test(arguments: KernelVersion.fast, KeyValuePrecision.allCases)
    func equalsTheOracleOnNumbersOfAnySize(version: KernelVersion, precision: KeyValuePrecision) {
        var random = SeededRandom(seed: 11)
        for exponents in [-140 ... -40, -60 ... -45, -30...0, -60...50] {
            for (first, positions) in [(0, 1), (70, 16), (290, 20)] {
                let example = AttentionExample(first, positions, 2, 64, precision, &random) { random in
                    let sign: Float = Bool.random(using: &random) ? 1 : -1
                    let significand = Float.random(in: 1..<2, using: &random)
                    return sign * significand * scalbn(1, Int.random(in: exponents, using: &random))
                }
                #expect(
                    example.run(version.kernels) == example.run(oracle), "2^\(exponents), \(positions) from \(first)")
            }
        }
    }

    /// Not even if what they bring is no number: a request may break itself, and no other.
    @Test(arguments: KernelVersion.all, KeyValuePrecision.allCases)
    func aTokenSeesNothingOfThoseBehindIt(version: KernelVersion, precision: KeyValuePrecision) throws {
        let kernels = version.kernels
        for bad in [Float.nan, .infinity, -.infinity] {
            var random = SeededRandom(seed: 9)
            let good = AttentionExample(50, 20, 2, 32, precision, &random)
            random = SeededRandom(seed: 9)
            let spoilt = AttentionExample(50, 20, 2, 32, precision, &random, last: bad)
            let before = good.q.count / 20 * 19
            #expect(spoilt.run(kernels)[..<before] == good.run(kernels)[..<before], "\(bad)")
            #expect(spoilt.run(kernels)[before...] != good.run(kernels)[before...], "\(bad)")
        }
    }

    /// A prompt may be taken in any pieces.
    @Test(arguments: KeyValuePrecision.allCases)
    func aTokenGetsTheSameInAnyPiece(precision: KeyValuePrecision) {
        var random = SeededRandom(seed: 7)
        let example = AttentionExample(0, 150, 2, 48, precision, &random)
        let whole = example.run(.chosen)
        for piece in [1, 7, 64] {
            #expect(example.run(.chosen, piece: piece) == whole, "pieces of \(piece)")
        }
    }

    /// Against sums in double precision.
    @Test(arguments: KeyValuePrecision.allCases)
    func isCloseToTheTruth(precision: KeyValuePrecision) {
        var random = SeededRandom(seed: 5)
        let example = AttentionExample(90, 5, 2, 40, precision, &random)
        let result = example.run(.chosen).map(Float.init(bitPattern:))
        let tolerance = precision == .f32 ? 2e-6 : 4e-2
        for (value, truth) in zip(result, example.truth()) { #expect(abs(Double(value) - truth) < tolerance) }
    }

    /// Halves go to the even neighbour; what products may not meet goes to the nearest that they may: below 2^-50 it is 0,
    /// and nothing is infinite.
    @Test func bfloat16RoundsToTheNearest() {
        let cases: [(UInt32, UInt16)] = [
            (0x3F80_0000, 0x3F80), (0x3F80_7FFF, 0x3F80), (0x3F80_8000, 0x3F80), (0x3F80_8001, 0x3F81),
            (0x3F81_8000, 0x3F82), (0xBF81_7FFF, 0xBF81), (0xBF81_8000, 0xBF82), (0x7F7F_0000, 0x7F7F),
            (0x7F7F_FFFF, 0x7F7F), (0x7F80_0000, 0x7F7F), (0xFF80_0000, 0xFF7F), (0x7F80_0001, 0x7F7F),
            (0xFFFF_FFFF, 0xFF7F), (0x8000_0000, 0x8000), (0x0001_8000, 0x0000), (0x2680_0000, 0x2680),
            (0x267F_8000, 0x2680), (0x267F_7FFF, 0x0000), (0xA67F_7FFF, 0x8000), (0xA680_8001, 0xA681),
        ]
        let floats = cases.map { Float(bitPattern: $0.0) }
        let keys = AlignedFloats(count: AttentionKernels.pageRows * floats.count)
        let values = AlignedFloats(count: AttentionKernels.pageRows * floats.count)
        Kernels.chosen.attention.store(
            key: floats, value: floats, headSize: floats.count, precision: .bf16, row: 19, keys: keys.base,
            values: values.base)
        for (index, (wide, expected)) in cases.enumerated() {
            let key = UnsafeRawPointer(keys.base)
                .load(fromByteOffset: clq_bf16_key(19, index, floats.count) * 2, as: UInt16.self)
            let value = UnsafeRawPointer(values.base)
                .load(fromByteOffset: clq_bf16_value(19, index, floats.count) * 2, as: UInt16.self)
            #expect(key == expected && value == expected, "\(String(wide, radix: 16))")
        }
    }
}

private struct AttentionExample {
    let first, positions, group, headSize: Int
    let precision: KeyValuePrecision
    let scale: Float = 0.3
    let q: [Float]
    /// One per row of the sequence.
    let keys, values: [[Float]]
    let pages: [AlignedFloats]

    /// - Parameter last: What stands in the last token's query, key and value instead of numbers.
    init(
        _ first: Int, _ positions: Int, _ group: Int, _ headSize: Int, _ precision: KeyValuePrecision,
        _ random: inout SeededRandom, last: Float? = nil,
        number: (inout SeededRandom) -> Float = { Float.random(in: -2...2, using: &$0) }
    ) {
        (self.first, self.positions, self.group, self.headSize) = (first, positions, group, headSize)
        self.precision = precision
        func floats(_ count: Int) -> [Float] { (0..<count).map { _ in number(&random) } }
        var q = floats(positions * group * headSize)
        var keys = (0..<first + positions).map { _ in floats(headSize) }
        var values = (0..<first + positions).map { _ in floats(headSize) }
        if let last {
            q.replaceSubrange((q.count - group * headSize)..., with: repeatElement(last, count: group * headSize))
            keys[keys.count - 1] = Array(repeating: last, count: headSize)
            values[values.count - 1] = Array(repeating: last, count: headSize)
        }
        (self.q, self.keys, self.values) = (q, keys, values)
        let block = AttentionKernels.pageRows * headSize
        pages = stride(from: 0, to: first + positions, by: AttentionKernels.pageRows).map { start in
            let page = AlignedFloats(count: 3 * block)
            let base = UnsafeMutableRawPointer(page.base)
            // What stands behind the last row must not matter.
            switch precision {
            case .f32: page.base.update(repeating: .nan, count: page.count)
            case .bf16:
                let largest = Array(repeating: Float.infinity, count: headSize)
                for row in 0..<AttentionKernels.pageRows {
                    Kernels.chosen.attention.store(
                        key: largest, value: row % 3 == 0 ? largest : largest.map { -$0 }, headSize: headSize,
                        precision: precision, row: row, keys: base + block * precision.bytes,
                        values: base + 2 * block * precision.bytes)
                }
            }
            for row in 0..<min(AttentionKernels.pageRows, first + positions - start) {
                Kernels.chosen.attention.store(
                    key: keys[start + row], value: values[start + row], headSize: headSize, precision: precision,
                    row: row, keys: base + block * precision.bytes, values: base + 2 * block * precision.bytes)
            }
            return page
        }
    }

    /// The bits of the result, the tokens taken `piece` at a time.
    func run(_ kernels: Kernels, piece: Int = .max) -> [UInt32] {
        let out = AlignedFloats(count: q.count)
        let width = group * headSize
        let bases = pages.map { UnsafeRawPointer($0.base) }
        let block = AttentionKernels.pageRows * headSize * precision.bytes
        q.withUnsafeBufferPointer { q in
            guard let q = q.baseAddress else { return }
            for start in stride(from: 0, to: positions, by: min(piece, positions)) {
                kernels.attention.attend(
                    q + start * width, stride: width, firstPosition: first + start,
                    positions: min(piece, positions - start), group: group, headSize: headSize, precision: precision,
                    pages: bases, keyOffset: block, valueOffset: 2 * block, scale: scale,
                    into: out.base + start * width,
                    stride: width)
            }
        }
        return out.buffer.map(\.bitPattern)
    }

    func truth() -> [Double] {
        (0..<positions * group).flatMap { row -> [Double] in
            let query = q[row * headSize..<(row + 1) * headSize]
            let seen = first + row / group + 1
            let scores = keys[0..<seen].map { key in
                zip(query, key).reduce(0.0) { $0 + Double($1.0) * Double($1.1) } * Double(scale)
            }
            let highest = scores.max() ?? 0
            let weights = scores.map { exponential($0 - highest) }
            let sum = weights.reduce(0, +)
            return (0..<headSize).map { d in
                zip(weights, values).reduce(0.0) { $0 + $1.0 * Double($1.1[d]) } / sum
            }
        }
    }

    /// From its series: the test's own truth.
    private func exponential(_ x: Double) -> Double {
        let halvings = 20
        let small = x / Double(1 << halvings)
        var sum = 1 + small * (1 + small / 2 * (1 + small / 3 * (1 + small / 4)))
        for _ in 0..<halvings { sum *= sum }
        return sum
    }
}
