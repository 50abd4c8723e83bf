/// Repeated measurements of one thing.
public struct Samples: Codable, Equatable, Sendable {
    /// The middle one, or the mean of the two in the middle: one disturbed repetition does not move it.
    public let median: Double
    public let least: Double
    public let greatest: Double
    public let repetitions: Int

    /// - Returns: nil when nothing was measured, or a measurement is no number.
    public init?(_ values: [Double]) {
        let sorted = values.sorted()
        guard values.allSatisfy(\.isFinite), let first = sorted.first, let last = sorted.last else { return nil }
        median = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
        least = first
        greatest = last
        repetitions = sorted.count
    }
}
