import Contracts

/// Who answers what, and how many requests each may still be sent.
struct WorkerDirectory: Sendable {
    struct Worker: Sendable {
        let key: PeerKey
        let description: PeerDescription
        let methods: Set<String>
        /// Workers are numbered in the order in which they came.
        let number: Int
        let since: Moment
        var credit = 0
        var running = 0
        var isDraining = false

        /// For people: which process.
        var name: String {
            "the \(description.service) worker (process \(description.process) on \(description.host))"
        }
    }

    enum Choice: Equatable {
        case worker(PeerKey)
        /// Someone answers the method, but nobody has credit.
        case wait
        /// No worker of the service is known.
        case noWorker
        /// The service is there, and none of its workers has the method.
        case noMethod
    }

    private var workers: [PeerKey: Worker] = [:]
    private var nextNumber = 0
    private let creditMax: Int

    init(creditMax: Int) { self.creditMax = creditMax }

    subscript(key: PeerKey) -> Worker? { workers[key] }

    /// In the order in which they came.
    var all: [Worker] { workers.values.sorted { $0.number < $1.number } }

    mutating func add(_ key: PeerKey, _ description: PeerDescription, at now: Moment) {
        workers[key] = Worker(
            key: key, description: description, methods: Set(description.methods), number: nextNumber, since: now)
        nextNumber += 1
    }

    @discardableResult mutating func remove(_ key: PeerKey) -> Worker? { workers.removeValue(forKey: key) }

    mutating func add(credit more: UInt64, to key: PeerKey) {
        guard let credit = workers[key]?.credit else { return }
        workers[key]?.credit = min(creditMax, credit + Int(min(more, UInt64(creditMax))))
    }

    mutating func drain(_ key: PeerKey) { workers[key]?.isDraining = true }

    /// The worker with the method and the most free credit; of equals, the one that came first.
    func choose(for method: String) -> Choice {
        let service = String(method.prefix { $0 != "." })
        var best: Worker?
        var hasMethod = false
        var hasService = false
        for worker in workers.values where !worker.isDraining {
            hasService = hasService || worker.description.service == service
            guard worker.methods.contains(method) else { continue }
            hasMethod = true
            guard worker.credit > 0 else { continue }
            guard let rival = best else {
                best = worker
                continue
            }
            if (worker.credit, rival.number) > (rival.credit, worker.number) { best = worker }
        }
        if let best { return .worker(best.key) }
        return hasMethod ? .wait : hasService ? .noMethod : .noWorker
    }

    mutating func begin(_ key: PeerKey) {
        workers[key]?.credit -= 1
        workers[key]?.running += 1
    }

    mutating func end(_ key: PeerKey) { workers[key]?.running -= 1 }
}
