import Compute
import Foundation
import TestSupport
import Testing

/// Products with packed weights against plain loops, for every version that this CPU has.
@Suite struct PackedProductTests {
    private static let shapes = [
        (1, 1, 1), (2, 3, 5), (5, 31, 16), (6, 32, 64), (7, 33, 65), (13, 64, 63), (50, 127, 130), (97, 129, 64),
        (3, 300, 129), (200, 96, 20), (4, 1100, 70),
    ]

    private struct Case {
        let x: Matrix
        let weights: Matrix
        let bias: Matrix
        let before: Matrix

        init(_ rows: Int, _ inputs: Int, _ outputs: Int) {
            var generator = SeededRandom(seed: UInt64(rows * 7919 + inputs * 31 + outputs))
            func random(_ rows: Int, _ columns: Int) -> Matrix {
                Matrix(
                    rows: rows, columns: columns,
                    values: (0..<rows * columns).map { _ in Float.random(in: -2...2, using: &generator) })
            }
            x = random(rows, inputs)
            weights = random(outputs, inputs)
            bias = random(1, outputs)
            before = random(rows, outputs)
        }

        func productRows(_ precision: ProductWeights.Precision) -> ProductRows {
            let rows = ProductRows(rows: x.rows, columns: x.columns, precision: precision)
            rows.assign(x)
            return rows
        }

        /// x · wᵀ + bias, added to `before`, on part of a wider matrix.
        func sum(_ precision: ProductWeights.Precision, _ version: ProductVersion, rows: Range<Int>? = nil) -> Matrix {
            let rows = rows ?? 0..<x.rows
            let y = Matrix(rows: rows.count, columns: weights.rows + 3).columns(1..<weights.rows + 1)
            y.assign(before.rows(rows))
            ProductWeights(weights, precision: precision).multiply(
                productRows(precision).rows(rows), into: y, bias: bias, addend: y, version: version)
            return y
        }
    }

    private static func versions(_ precision: ProductWeights.Precision) -> [ProductVersion] {
        ProductVersion.allCases.filter { $0.isSupported(for: precision) }
    }

    @Test func `products of bf16 are the sums of the rounded factors`() {
        func rounded(_ value: Float) -> Double {
            let bits = value.bitPattern
            return Double(Float(bitPattern: (bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF_0000))
        }
        for (rows, inputs, outputs) in Self.shapes {
            let subject = Case(rows, inputs, outputs)
            for version in Self.versions(.bf16) {
                let y = subject.sum(.bf16, version)
                for row in 0..<rows {
                    for output in 0..<outputs {
                        let sum = (0..<inputs).reduce(0.0) {
                            $0 + rounded(subject.x[row, $1]) * rounded(subject.weights[output, $1])
                        }
                        let expected = sum + Double(subject.bias[0, output]) + Double(subject.before[row, output])
                        let near = abs(Double(y[row, output]) - expected)
                        #expect(near < 2e-5 * Double(inputs + 10), "\(version) [\(row), \(output)] of \(inputs) inputs")
                    }
                }
            }
        }
    }

    @Test func `products of int8 are within half a level of every factor, and equal bits in every version`() {
        for (rows, inputs, outputs) in Self.shapes {
            let subject = Case(rows, inputs, outputs)
            let oracle = subject.sum(.int8, .portable)
            for row in 0..<rows {
                for output in 0..<outputs {
                    let sum = (0..<inputs).reduce(0.0) {
                        $0 + Double(subject.x[row, $1]) * Double(subject.weights[output, $1])
                    }
                    let expected = sum + Double(subject.bias[0, output]) + Double(subject.before[row, output])
                    // A level is at most 2 / 127 of either factor, which is at most 2.
                    let limit = Double(inputs) * (2 * 2 * 1.001 / 127) + 1e-4
                    #expect(abs(Double(oracle[row, output]) - expected) < limit)
                }
            }
            for version in Self.versions(.int8) {
                #expect(subject.sum(.int8, version).values == oracle.values, "\(version), \(inputs) inputs")
            }
        }
    }

    @Test(arguments: [ProductWeights.Precision.bf16, .int8])
    func `parts of outputs give those outputs, parts of inputs add up`(_ precision: ProductWeights.Precision) {
        let part = ProductWeights.partAlignment
        let subject = Case(40, 2 * part + 70, part + 90)
        let rows = subject.productRows(precision)
        let weights = ProductWeights(subject.weights, precision: precision)
        for version in Self.versions(precision) {
            let whole = Matrix(rows: 40, columns: part + 90)
            weights.multiply(rows, into: whole, version: version)
            let last = Matrix(rows: 40, columns: 90)
            weights.outputs(part..<part + 90).multiply(rows, into: last, version: version)
            #expect(last.values == whole.columns(part..<part + 90).values, "\(version)")

            let sum = Matrix(rows: 40, columns: part + 90)
            for inputs in [0..<part, part..<2 * part + 70] {
                let some = ProductRows(rows: 40, columns: inputs.count, precision: precision)
                some.assign(subject.x.columns(inputs))
                weights.inputs(inputs).multiply(some, into: sum, addend: sum, version: version)
            }
            // Values of int8 have the same levels, since parts are whole groups.
            let near = Closeness(sum.values, whole.values)
            #expect(near.within(absolute: 1e-3), "\(version): \(near)")
        }
    }

    @Test func `versions of bf16 other than AMX give the same bits`() {
        for (rows, inputs, outputs) in Self.shapes {
            let subject = Case(rows, inputs, outputs)
            let oracle = subject.sum(.bf16, .portable).values
            for version in Self.versions(.bf16) where version < .amx {
                #expect(subject.sum(.bf16, version).values == oracle, "\(version), \(inputs) inputs")
            }
        }
    }

    @Test(arguments: [ProductWeights.Precision.bf16, .int8])
    func `what is added may lie elsewhere, and stays as it is`(_ precision: ProductWeights.Precision) {
        for (rows, inputs, outputs) in Self.shapes {
            let subject = Case(rows, inputs, outputs)
            let weights = ProductWeights(subject.weights, precision: precision)
            let before = subject.before.values
            for version in Self.versions(precision) {
                let y = Matrix(rows: rows, columns: outputs)
                weights.multiply(
                    subject.productRows(precision), into: y, bias: subject.bias, addend: subject.before,
                    version: version)
                #expect(y.values == subject.sum(precision, version).values, "\(version), \(inputs) inputs")
                #expect(subject.before.values == before)
            }
        }
    }

    @Test(arguments: [ProductWeights.Precision.bf16, .int8])
    func `rows that are made some at a time are those rows`(_ precision: ProductWeights.Precision) {
        for count in [1, 7, 8, 9, 50] {
            let subject = Case(count, 70, 65)
            let made = ProductRows(rows: count, columns: 70, precision: precision)
            var next = 0
            made.assign(scratch: ScratchMatrices()) { rows, room in
                #expect(rows.lowerBound == next && room.rows == rows.count)
                next = rows.upperBound
                room.assign(subject.x.rows(rows))
            }
            #expect(next == count)
            let weights = ProductWeights(subject.weights, precision: precision)
            let (actual, expected) = (Matrix(rows: count, columns: 65), Matrix(rows: count, columns: 65))
            weights.multiply(made, into: actual)
            weights.multiply(subject.productRows(precision), into: expected)
            #expect(actual.values == expected.values)
        }
    }

    @Test(arguments: [ProductWeights.Precision.bf16, .int8])
    func `a row's bits do not depend on the rows beside it`(_ precision: ProductWeights.Precision) {
        let subject = Case(200, 300, 70)
        for version in Self.versions(precision) {
            let whole = subject.sum(precision, version)
            for rows in [0..<1, 5..<12, 95..<97, 96..<200, 199..<200, 0..<31, 3..<19, 7..<167] {
                #expect(subject.sum(precision, version, rows: rows).values == whole.rows(rows).values, "\(version)")
            }
        }
    }

    @Test func `a result in bf16 is that in f32 rounded, behind it zeros`() {
        for version in Self.versions(.bf16) {
            let subject = Case(9, 40, 70)
            let weights = ProductWeights(subject.weights, precision: .bf16)
            let plain = Matrix(rows: 9, columns: 70)
            weights.multiply(subject.productRows(.bf16), into: plain, bias: subject.bias, version: version)
            plain.applyGELU()
            let half = ProductRows(rows: 9, columns: 70)
            weights.multiply(subject.productRows(.bf16), into: half, bias: subject.bias, gelu: true, version: version)
            // Multiplied by one, each column in turn shows what it holds; columns that are not there add nothing.
            let ones = Identity.weights(70)
            let shown = Matrix(rows: 9, columns: 70)
            ones.multiply(half, into: shown, version: version)
            let near = Closeness(shown.values, plain.values)
            #expect(near.within(absolute: 1e-6, relative: 1.0 / 256), "\(version): \(near)")
        }
    }

    @Test(arguments: [(1, 64, 64), (17, 512, 128), (64, 512, 192), (70, 512, 130), (131, 768, 320), (200, 96, 256)])
    func `GELU beside the products gives the bits of GELU behind them`(rows: Int, inputs: Int, outputs: Int) {
        let subject = Case(rows, inputs, outputs)
        let ones = Identity.weights(outputs)
        func shown(_ precision: ProductWeights.Precision, _ version: ProductVersion) -> [Float] {
            let half = ProductRows(rows: rows, columns: outputs)
            ProductWeights(subject.weights, precision: precision).multiply(
                subject.productRows(precision), into: half, bias: subject.bias, gelu: true, version: version)
            let shown = Matrix(rows: rows, columns: outputs)
            ones.multiply(half, into: shown, version: .portable)
            return shown.values
        }
        let oracle = shown(.int8, .portable)
        for version in Self.versions(.int8) { #expect(shown(.int8, version) == oracle, "\(version)") }
        // The emulated tiles sum as the real ones do.
        let emulated = shown(.bf16, .emulatedAMX)
        for version in Self.versions(.bf16) where version == .amx {
            #expect(shown(.bf16, version) == emulated)
        }
    }

    @Test(arguments: [(37, 45), (1, 1), (16, 32), (15, 31), (17, 33), (64, 64), (80, 70), (131, 96)])
    func `rows of bf16 packed as weights, and transposed, are those weights`(count: Int, width: Int) {
        let subject = Case(count, width, 20)
        let rows = subject.productRows(.bf16)
        let y = Case(6, width, count)
        let expected = Matrix(rows: 6, columns: count)
        ProductWeights(subject.x, precision: .bf16).multiply(y.productRows(.bf16), into: expected)
        let filled = ProductWeights(roomFor: count, inputs: width)
        filled.fill(rows)
        let actual = Matrix(rows: 6, columns: count)
        filled.multiply(y.productRows(.bf16), into: actual)
        #expect(actual.values == expected.values)

        let turned = Matrix(rows: width, columns: count)
        turned.assignTransposed(subject.x)
        let z = Case(6, count, width)
        let wanted = Matrix(rows: 6, columns: width)
        ProductWeights(turned, precision: .bf16).multiply(z.productRows(.bf16), into: wanted)
        let transposed = ProductWeights(roomFor: width, inputs: count)
        transposed.fill(transposing: rows)
        let result = Matrix(rows: 6, columns: width)
        transposed.multiply(z.productRows(.bf16), into: result)
        #expect(result.values == wanted.values)
    }

    @Test func `a window sees rows side by side`() {
        let subject = Case(12, 30, 8)
        let dense = ProductRows(rows: 12, columns: 10, isDense: true)
        dense.assign(subject.x.columns(0..<10))
        let windows = dense.windows(count: 5, step: 2, length: 3)
        let joined = Matrix(rows: 5, columns: 30)
        for row in 0..<5 {
            for tap in 0..<3 {
                joined.rows(row..<row + 1).columns(10 * tap..<10 * (tap + 1))
                    .assign(subject.x.rows(2 * row + tap..<2 * row + tap + 1).columns(0..<10))
            }
        }
        let packed = ProductRows(rows: 5, columns: 30)
        packed.assign(joined)
        let weights = ProductWeights(subject.weights, precision: .bf16)
        let (actual, expected) = (Matrix(rows: 5, columns: 8), Matrix(rows: 5, columns: 8))
        weights.multiply(windows, into: actual)
        weights.multiply(packed, into: expected)
        #expect(actual.values == expected.values)
    }

    @Test(arguments: [(1, 1, 1), (5, 17, 24), (50, 64, 64), (97, 130, 40), (3, 300, 8)])
    func `attention is the mean of values by their softmax, in every version`(rows: Int, keys: Int, width: Int) {
        let queries = Case(rows, width, 1).productRows(.bf16)
        let (q, k, v) = (Case(rows, width, 1).x, Case(keys, width, 2).x, Case(keys, width, 3).x)
        let (packedKeys, packedValues) = (
            Case(keys, width, 2).productRows(.bf16), Case(keys, width, 3).productRows(.bf16)
        )
        let head = AttentionHead(positions: keys, width: width)
        head.fill(keys: packedKeys, values: packedValues)
        for version in Self.versions(.bf16) {
            let actual = Matrix(rows: rows, columns: width)
            head.attend(queries, into: actual, scale: 0.3, scratch: ScratchMatrices(), version: version)
            for row in 0..<rows {
                let scores = (0..<keys).map { key in
                    0.3 * (0..<width).reduce(0.0) { $0 + Double(q[row, $1]) * Double(k[key, $1]) }
                }
                let top = scores.max() ?? 0
                let shares = scores.map { exp($0 - top) }
                let sum = shares.reduce(0, +)
                for column in 0..<width {
                    var expected = 0.0
                    for key in 0..<keys { expected += shares[key] / sum * Double(v[key, column]) }
                    // Queries, keys, shares and values are rounded to 8 bits of mantissa; scores reach about 20.
                    #expect(abs(Double(actual[row, column]) - expected) < 0.06, "\(version) [\(row), \(column)]")
                }
            }
        }
    }
}

/// Shows what packed rows hold.
private enum Identity {
    static func weights(_ size: Int) -> ProductWeights {
        let identity = Matrix(rows: size, columns: size)
        for index in 0..<size { identity[index, index] = 1 }
        return ProductWeights(identity, precision: .bf16)
    }
}
