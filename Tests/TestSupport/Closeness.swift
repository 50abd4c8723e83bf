/// How far computed values are from expected ones, for the tolerances of golden/README.md.
public struct Closeness: Sendable, CustomStringConvertible {
    public let maximumDifference: Float
    public let largestExpected: Float
    public let position: Int
    public let countsAgree: Bool

    public init(_ actual: some Collection<Float>, _ expected: some Collection<Float>) {
        var difference: Float = 0
        var largest: Float = 0
        var worst = -1
        for (index, pair) in zip(actual, expected).enumerated() {
            let apart = abs(pair.0 - pair.1)
            if !(apart <= difference) {
                difference = apart.isNaN ? .infinity : apart
                worst = index
            }
            largest = max(largest, abs(pair.1))
        }
        maximumDifference = difference
        largestExpected = largest
        position = worst
        countsAgree = actual.count == expected.count
    }

    /// Inside the absolute limit, or inside the limit relative to the largest expected value; counts equal.
    public func within(absolute: Double, relative: Double = 0) -> Bool {
        countsAgree
            && (Double(maximumDifference) <= absolute
                || Double(maximumDifference) <= relative * Double(largestExpected))
    }

    public var description: String {
        countsAgree
            ? "max difference \(maximumDifference) at \(position), largest expected \(largestExpected)"
            : "counts differ"
    }
}
