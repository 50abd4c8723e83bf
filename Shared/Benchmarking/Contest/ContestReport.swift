internal import Printing

/// What a contest came to: the same work, done by us and by a peer in turn.
public struct ContestReport: Codable, Equatable, Sendable {
    /// Rates in the kind's unit, in the order in which they were taken.
    public struct Result: Codable, Equatable, Sendable {
        public var kind: ContestKind
        public var ours: [Double] = []
        public var theirs: [Double] = []

        public init(_ kind: ContestKind) { self.kind = kind }

        /// Medians over each other: above 1 we are faster.
        public var ratio: Double? {
            guard let ours = Samples(ours)?.median, let theirs = Samples(theirs)?.median, theirs > 0 else { return nil }
            return ours / theirs
        }
    }

    /// Who is measured beside us.
    public struct Peer: Codable, Equatable, Sendable {
        /// `llama.cpp`
        public var name: String
        /// The model's file.
        public var model: String
        /// As it tells it.
        public var build: String?
        /// The largest of its processes, as it was seen in use.
        public var peakMemoryBytes: Int?

        public init(name: String, model: String) {
            self.name = name
            self.model = model
        }
    }

    public var software: String
    public var subject: String
    public var processor: String
    public var threads: Int
    public var repetitions: Int
    /// Processes that wanted to run when the measurement began, as the system counts them over a minute.
    public var loadBefore: Double
    public var machine: MachineFigures?
    /// Of our weights: `int8`.
    public var precision: String
    /// That one of our steps reads.
    public var weightBytes: Int?
    /// Of our process, which holds keys and values for all kinds at once.
    public var peakMemoryBytes: Int?
    public var peer: Peer
    public var results: [Result]

    public init(
        software: String, subject: String, processor: String, threads: Int, repetitions: Int, loadBefore: Double,
        machine: MachineFigures?, precision: String, peer: Peer, kinds: [ContestKind]
    ) {
        self.software = software
        self.subject = subject
        self.processor = processor
        self.threads = threads
        self.repetitions = repetitions
        self.loadBefore = loadBefore
        self.machine = machine
        self.precision = precision
        self.peer = peer
        results = kinds.map { Result($0) }
    }

    public mutating func add(_ answer: ContestSampler.Answer) {
        peakMemoryBytes = answer.peakMemoryBytes ?? peakMemoryBytes
        for index in results.indices where results[index].kind == answer.kind {
            results[index].ours.append(answer.rate)
        }
    }

    /// - Parameter peakMemoryBytes: Of the process that answered.
    public mutating func add(_ answer: LlamaCpp.Answer, peakMemoryBytes: Int?) {
        peer.build = answer.build ?? peer.build
        if let peakMemoryBytes { peer.peakMemoryBytes = max(peakMemoryBytes, peer.peakMemoryBytes ?? 0) }
        for index in results.indices {
            if let rate = answer.rates[results[index].kind] { results[index].theirs.append(rate) }
        }
    }

    /// For people: what a kind came to, as soon as both have done it; nil before.
    public func text(of kind: ContestKind) -> String? {
        guard let result = results.first(where: { $0.kind == kind }), let cells = cells(result) else { return nil }
        return "\(kind.title): \(cells.ours), \(peer.name) \(cells.theirs), ratio \(cells.ratio)"
    }

    /// For people: a line a kind, medians and their ratio.
    public var text: String {
        let build = peer.build.map { " \($0)" } ?? ""
        var lines = [
            "\(subject) in \(precision), beside \(peer.name)\(build) with \(peer.model): "
                + "\(threads) \(threads == 1 ? "thread" : "threads"), medians of \(repetitions) "
                + "\(repetitions == 1 ? "repetition" : "repetitions") in turn, load \(Quantity.number(loadBefore)) before"
        ]
        if let machine { lines += machine.lines(processor: processor) }
        var table = TextTable(indent: 2)
        table.add("", "colloquy", peer.name, "ratio")
        for result in results {
            guard let cells = cells(result) else { continue }
            table.add(result.kind.title, cells.ours, cells.theirs, cells.ratio)
        }
        let ours = peakMemoryBytes.map { Quantity.bytes($0) } ?? ""
        let theirs = peer.peakMemoryBytes.map { Quantity.bytes($0) } ?? ""
        table.add("peak memory", ours, theirs, "")
        return (lines + table.lines).joined(separator: "\n")
    }

    private func cells(_ result: Result) -> (ours: String, theirs: String, ratio: String)? {
        guard let ours = Samples(result.ours)?.median, let theirs = Samples(result.theirs)?.median else { return nil }
        return (
            "\(Quantity.number(ours)) \(result.kind.unit)", "\(Quantity.number(theirs)) \(result.kind.unit)",
            result.ratio.map(Quantity.number) ?? ""
        )
    }
}
