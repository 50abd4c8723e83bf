/// Whom we can be measured beside.
public enum ContestPeer: String, CaseIterable, Sendable {
    case llamaCpp = "llama.cpp"
    /// The original, in PyTorch.
    case pyTorch = "pytorch"

    /// For people.
    public var title: String {
        switch self {
        case .llamaCpp: "llama.cpp"
        case .pyTorch: "PyTorch"
        }
    }

    /// What it does too.
    public var kinds: [ContestKind] {
        switch self {
        case .llamaCpp: [.decode300, .decode1000, .prefill512, .streams8, .streams16]
        case .pyTorch: [.decode300, .prefill512, .encode10, .decode30]
        }
    }
}

/// What a peer told of some kinds.
public struct PeerAnswer: Equatable, Sendable {
    /// In the kind's unit.
    public var rates: [ContestKind: Double]
    /// Of its weights, where it has been asked for one.
    public var precision: String?
    /// Its version, where it says so: `6713 (a1b2c3d)`.
    public var build: String?
    /// Of its process, where that was seen.
    public var peakMemoryBytes: Int?

    public init(
        rates: [ContestKind: Double], precision: String? = nil, build: String? = nil, peakMemoryBytes: Int? = nil
    ) {
        self.rates = rates
        self.precision = precision
        self.build = build
        self.peakMemoryBytes = peakMemoryBytes
    }
}

/// A peer's answer that is none.
public struct UnreadableAnswer: Error, Equatable, CustomStringConvertible {
    public let description: String
}
