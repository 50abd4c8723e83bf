public import Contracts

/// Who may begin a dialogue now, who waits, and who is refused: first come, first served.
///
/// Beyond the generator's slots a running dialogue only takes memory, and beyond the patience of people a waiting one
/// only takes a place; so both are bounded, and who is refused knows at once.
public struct Admission<ID: Hashable & Sendable>: Sendable {
    public enum Answer: Equatable, Sendable {
        case begin
        /// The number of those who wait before it.
        case wait(place: Int)
        case refuse(CallError)
    }

    public let runningMax: Int
    public let waitingMax: Int
    public private(set) var running: Set<ID> = []
    public private(set) var waiting: [ID] = []

    /// - Precondition: `runningMax` is positive and `waitingMax` not negative.
    public init(runningMax: Int, waitingMax: Int) {
        precondition(runningMax > 0 && waitingMax >= 0, "\(runningMax) running, \(waitingMax) waiting")
        self.runningMax = runningMax
        self.waitingMax = waitingMax
    }

    /// - Precondition: `id` is new.
    public mutating func ask(_ id: ID) -> Answer {
        precondition(!running.contains(id) && !waiting.contains(id), "\(id) asks twice")
        if running.count < runningMax {
            running.insert(id)
            return .begin
        }
        if waiting.count < waitingMax {
            waiting.append(id)
            return .wait(place: waiting.count - 1)
        }
        return .refuse(
            CallError(
                .overloaded,
                "\(runningMax) dialogues are spoken and \(waitingMax) wait, which is this gateway's limit; try again later",
                details: ["sessions_max": "\(runningMax)", "sessions_waiting_max": "\(waitingMax)"]))
    }

    /// Ends a running dialogue, or takes a waiting one out of the queue. Answers who begins in its place.
    public mutating func leave(_ id: ID) -> ID? {
        if running.remove(id) == nil {
            waiting.removeAll { $0 == id }
            return nil
        }
        guard !waiting.isEmpty else { return nil }
        let next = waiting.removeFirst()
        running.insert(next)
        return next
    }
}
