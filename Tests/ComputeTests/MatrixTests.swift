import Compute
import Foundation
import TestSupport
import Testing

/// The matrix operations against plain loops in double precision.
@Suite struct MatrixTests {
    private func random(
        _ rows: Int, _ columns: Int, _ generator: inout SeededRandom, in range: ClosedRange<Float> = -2...2
    )
        -> Matrix
    {
        Matrix(
            rows: rows, columns: columns,
            values: (0..<rows * columns).map { _ in Float.random(in: range, using: &generator) })
    }

    private func expect(_ actual: Matrix, near limit: Double, _ expected: (Int, Int) -> Double) {
        let wanted = (0..<actual.rows * actual.columns).map {
            Float(expected($0 / actual.columns, $0 % actual.columns))
        }
        let near = Closeness(actual.values, wanted)
        #expect(near.within(absolute: limit, relative: limit), "\(near)")
    }

    @Test(arguments: [(1, 1, 1), (3, 5, 2), (17, 33, 16), (64, 100, 129), (130, 7, 300)])
    func `products equal sums, also between parts of matrices`(rows: Int, columns: Int, inner: Int) {
        var generator = SeededRandom(seed: 1)
        let a = random(rows + 1, inner + 3, &generator).rows(1..<rows + 1).columns(2..<inner + 2)
        let b = random(inner, columns, &generator)
        let c = random(rows * 2, columns + 2, &generator).rows(from: 0, step: 2, count: rows).columns(1..<columns + 1)
        let before = c.values
        func sum(_ row: Int, _ column: Int) -> Double {
            (0..<inner).reduce(0) { $0 + Double(a[row, $1]) * Double(b[$1, column]) }
        }
        c.add(a, times: b)
        expect(c, near: 1e-5) { Double(before[$0 * columns + $1]) + sum($0, $1) }
        c.assign(a, times: b)
        expect(c, near: 1e-5, sum)
        let transposed = Matrix(rows: columns, columns: inner)
        transposed.assignTransposed(b)
        c.assign(a, timesTransposed: transposed, scale: 0.5)
        expect(c, near: 1e-5) { 0.5 * sum($0, $1) }
    }

    @Test(arguments: [(1, 1), (3, 5), (4, 64), (9, 241), (130, 7)])
    func `products with a table are sums, and a row's bits its own`(rows: Int, inner: Int) {
        var generator = SeededRandom(seed: UInt64(rows))
        let x = random(rows, inner + 2, &generator).columns(1..<inner + 1)
        let table = random(inner, 2 * Matrix.tableColumns, &generator)
        let y = Matrix(rows: rows, columns: 2 * Matrix.tableColumns)
        y.assign(x, timesTable: table)
        expect(y, near: 1e-5) { row, column in
            (0..<inner).reduce(0) { $0 + Double(x[row, $1]) * Double(table[$1, column]) }
        }
        let last = Matrix(rows: 1, columns: 2 * Matrix.tableColumns)
        last.assign(x.rows(rows - 1..<rows), timesTable: table)
        #expect(last.values == y.rows(rows - 1..<rows).values)
    }

    @Test(arguments: [1, 2, 15, 16, 17, 31, 64, 100])
    func `row kernels equal their definitions at every width`(columns: Int) {
        var generator = SeededRandom(seed: UInt64(columns))
        let x = random(5, columns, &generator, in: -9...9)
        let row = random(1, columns, &generator)
        let other = random(1, columns, &generator)
        func copy() -> Matrix {
            let copy = Matrix(rows: 5, columns: columns + 3).columns(2..<columns + 2)
            copy.assign(x)
            return copy
        }
        func gelu(_ x: Double) -> Double { 0.5 * x * (1 + erf(x / 2.0.squareRoot())) }

        let activated = copy()
        activated.applyGELU()
        expect(activated, near: 1e-6) { gelu(Double(x[$0, $1])) }
        let biased = copy()
        biased.addBiasAndGELU(row)
        expect(biased, near: 1e-6) { gelu(Double(x[$0, $1]) + Double(row[0, $1])) }

        let shares = copy()
        shares.softmaxRows()
        expect(shares, near: 1e-6) { at, column in
            let values = (0..<columns).map { Double(x[at, $0]) }
            let top = values.max() ?? 0
            return exp(values[column] - top) / values.reduce(0) { $0 + exp($1 - top) }
        }

        let normed = copy()
        normed.assignLayerNorm(of: normed, weight: row, bias: other, epsilon: 1e-5)
        expect(normed, near: 2e-5) { at, column in
            let values = (0..<columns).map { Double(x[at, $0]) }
            let mean = values.reduce(0, +) / Double(columns)
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(columns)
            return (values[column] - mean) / (variance + 1e-5).squareRoot() * Double(row[0, column])
                + Double(other[0, column])
        }

        let sum = copy()
        sum.add(row)
        sum.add(x)
        expect(sum, near: 1e-6) { 2 * Double(x[$0, $1]) + Double(row[0, $1]) }

        let filters = random(7, columns, &generator)
        let filtered = Matrix(rows: 3, columns: columns)
        filtered.assignDepthwise(of: x, weight: filters, bias: row, firstRow: 1)
        expect(filtered, near: 1e-5) { at, column in
            (0..<7).reduce(Double(row[0, column])) { sum, tap in
                let from = at + 1 + tap - 3
                return (0..<5).contains(from) ? sum + Double(x[from, column]) * Double(filters[tap, column]) : sum
            }
        }

        let both = random(4, 2 * columns, &generator)
        let gated = Matrix(rows: 4, columns: columns)
        gated.assignGated(both)
        expect(gated, near: 1e-6) {
            let gate = Double(both[$0, $1])
            return gate / (1 + exp(-gate)) * Double(both[$0, columns + $1])
        }
        let sorted = Matrix(rows: 4, columns: columns)
        sorted.assignEveryOther(both.columns(0..<columns))
        let evens = (columns + 1) / 2
        expect(sorted, near: 0) { Double(both[$0, $1 < evens ? 2 * $1 : 2 * ($1 - evens) + 1]) }

        let polar = Matrix(rows: 4, columns: 2 * columns)
        polar.assignPolar(both, limit: 5)
        expect(polar, near: 1e-6) {
            let bin = $1 % columns
            let magnitude = min(exp(Double(both[$0, bin])), 5)
            let phase = Double(both[$0, columns + bin])
            return magnitude * ($1 < columns ? cos(phase) : sin(phase))
        }
    }

    @Test func `GELU and softmax hold their precision over the whole range`() {
        let x = Matrix(rows: 1, columns: 40_001, values: (0...40_000).map { Float($0 - 20_000) / 1000 })
        let activated = Matrix(rows: 1, columns: x.columns)
        activated.assign(x)
        activated.applyGELU()
        for column in 0..<x.columns {
            let at = Double(x[0, column])
            let expected = 0.5 * at * (1 + erf(at / 2.0.squareRoot()))
            #expect(abs(Double(activated[0, column]) - expected) <= 4e-7 * max(1, abs(at)), "GELU(\(at))")
        }
        let extreme = Matrix(rows: 1, columns: 3, values: [-3e38, 0, 88])
        extreme.softmaxRows()
        #expect(extreme.values == [0, 0, 1] || extreme.values.allSatisfy { $0.isFinite && $0 <= 1 })
    }

    @Test(arguments: [Float(1), 30, 8000, 1e6])
    func `polar values hold their precision at any phase`(furthest: Float) {
        var generator = SeededRandom(seed: 5)
        let both = random(3, 2000, &generator, in: -furthest...furthest)
        both.columns(0..<1000).fill(-0.5)
        both[0, 0] = 200
        both[0, 1] = -200
        let polar = Matrix(rows: 3, columns: 2000)
        polar.assignPolar(both, limit: 100)
        expect(polar, near: furthest < 1000 ? 3e-7 : 2e-6) {
            let bin = $1 % 1000
            let phase = Double(both[$0, 1000 + bin])
            return min(exp(Double(both[$0, bin])), 100) * ($1 < 1000 ? cos(phase) : sin(phase))
        }
    }

    @Test func `quantising takes the first of equally near entries, and subtracts in the original's order`() {
        let entries = Matrix(rows: 4, columns: 2, values: [5, 5, 1, 0, 1, 0, 0, 1])
        let x = Matrix(rows: 1, columns: 2, values: [1.1, 0.1])
        let dots = Matrix(rows: 1, columns: 4)
        dots.assign(x, timesTransposed: entries)
        #expect(x.subtractNearest(row: 0, dots: dots, entries: entries, energies: entries.rowEnergies()) == 1)
        let (first, second): (Float, Float) = (1.1, 0.1)
        #expect(x.values == [first - (first + (1 - first)), second - (second + (0 - second))])
    }

    @Test func `blocks of rows cover them in order, whatever their number`() {
        for rows in [0, 1, 2, 47, 48, 49, 191, 193, 375, 768, 769, 1500, 3000, 4001] {
            var next = 10
            for block in WorkerPool.rowBlocks(10..<10 + rows) {
                #expect(block.lowerBound == next && !block.isEmpty && block.count <= 256)
                next = block.upperBound
            }
            #expect(next == 10 + rows)
        }
    }
}
