internal import Printing

/// On what, of what and under what load something was measured: what every report begins with.
public struct MeasurementFrame: Codable, Equatable, Sendable {
    /// Our version.
    public var software: String
    /// The model, for people.
    public var subject: String
    public var processor: String
    public var threads: Int
    /// Processes that wanted to run when the measurement began, as the system counts them over a minute.
    public var loadBefore: Double
    /// What the machine allowed meanwhile; nil where that was not asked for.
    public var machine: MachineFigures?

    public init(
        software: String, subject: String, processor: String, threads: Int, loadBefore: Double,
        machine: MachineFigures? = nil
    ) {
        self.software = software
        self.subject = subject
        self.processor = processor
        self.threads = threads
        self.loadBefore = loadBefore
        self.machine = machine
    }

    /// For people: `2 threads`.
    var threadsText: String { "\(threads) \(threads == 1 ? "thread" : "threads")" }

    /// For people: what stands above the figures.
    ///
    /// - Parameter what: Is told behind the subject.
    func lines(_ what: String) -> [String] {
        ["\(subject)\(what), load \(Quantity.number(loadBefore)) before"]
            + (machine?.lines(processor: processor) ?? [])
    }
}
