/// A tensor that a configuration implies.
public struct ExpectedTensor: Equatable, Sendable {
    public let name: String
    public let shape: [Int]
    /// False for what a loader never reads or can compute: its absence is no fault, its shape still is.
    public let isRequired: Bool
    /// Whether it must hold floating-point numbers; flags need not.
    public let holdsNumbers: Bool

    public init(_ name: String, _ shape: [Int], isRequired: Bool = true, holdsNumbers: Bool = true) {
        self.name = name
        self.shape = shape
        self.isRequired = isRequired
        self.holdsNumbers = holdsNumbers
    }
}
