/// What a contest came to: the same work, done by us and by a peer in turn.
public struct ContestReport: Codable, Equatable, Sendable {
    /// Samples of one side.
    public struct Series: Codable, Equatable, Sendable {
        /// Of its weights: `int8`; nil where the peer was not asked for one.
        public var precision: String?
        /// In the kind's unit, in the order in which they were taken.
        public var rates: [Double] = []
        /// The largest of the processes that took them, as far as it was seen; of a process that takes several kinds, the
        /// memory of those before is in it.
        public var peakMemoryBytes: Int?
        /// As `ContestSampler.Answer` has it, where it has it.
        public var sharesOfPlainRead: [Double] = []

        var median: Double? { Samples(rates)?.median }

        mutating func add(_ rate: Double, _ memory: Int?) {
            rates.append(rate)
            if let memory { peakMemoryBytes = max(memory, peakMemoryBytes ?? 0) }
        }
    }

    public struct Result: Codable, Equatable, Sendable {
        public var kind: ContestKind
        public var ours = Series()
        /// In each of the peer's precisions.
        public var theirs: [Series] = []

        public init(_ kind: ContestKind) { self.kind = kind }

        /// The faster of the peer's precisions, which is the one to be measured beside.
        public var fastest: Series? {
            theirs.filter { $0.median != nil }.max { ($0.median ?? 0) < ($1.median ?? 0) }
        }

        /// Medians over each other: above 1 we are faster than the faster of the peer's precisions.
        public var ratio: Double? {
            guard let ours = ours.median, let theirs = fastest?.median, theirs > 0 else { return nil }
            return ours / theirs
        }
    }

    /// Who is measured beside us.
    public struct Peer: Codable, Equatable, Sendable {
        /// `llama.cpp`
        public var name: String
        /// The model's file; nil where it makes its own.
        public var model: String?
        /// As it tells it.
        public var build: String?

        public init(_ peer: ContestPeer, model: String? = nil) {
            name = peer.title
            self.model = model
        }
    }

    public var frame: MeasurementFrame
    public var repetitions: Int
    /// That one of our steps reads.
    public var weightBytes: Int?
    public var peer: Peer
    public var results: [Result]

    public init(_ frame: MeasurementFrame, repetitions: Int, peer: Peer, kinds: [ContestKind]) {
        self.frame = frame
        self.repetitions = repetitions
        self.peer = peer
        results = kinds.map { Result($0) }
    }

    /// - Parameter precision: Of our weights.
    public mutating func add(_ answer: ContestSampler.Answer, precision: String) {
        for index in results.indices where results[index].kind == answer.kind {
            results[index].ours.precision = precision
            results[index].ours.add(answer.rate, answer.peakMemoryBytes)
            if let share = answer.shareOfPlainRead { results[index].ours.sharesOfPlainRead.append(share) }
        }
    }

    public mutating func add(_ answer: PeerAnswer) {
        peer.build = answer.build ?? peer.build
        for index in results.indices {
            guard let rate = answer.rates[results[index].kind] else { continue }
            let place = results[index].theirs.firstIndex { $0.precision == answer.precision }
            if place == nil { results[index].theirs.append(Series(precision: answer.precision)) }
            results[index].theirs[place ?? results[index].theirs.count - 1].add(rate, answer.peakMemoryBytes)
        }
    }
}
