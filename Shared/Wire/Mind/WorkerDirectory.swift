package import Contracts

/// Who answers what, and how many requests each may still be sent.
package struct WorkerDirectory: Sendable {
    package struct Worker: Sendable {
        package let key: PeerKey
        package let description: PeerDescription
        package let methods: Set<String>
        /// Its own, and those whose methods it answers besides, as a gateway answers `dialogue.Speak`.
        package let services: Set<String>
        /// Workers are numbered in the order in which they came.
        package let number: Int
        package let since: Moment
        package var credit = 0
        package var running = 0
        package var isDraining = false

        /// For people: which process.
        package var name: String {
            "the \(description.service) worker (process \(description.process) on \(description.host))"
        }
    }

    package enum Choice: Equatable {
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

    package init(creditMax: Int) { self.creditMax = creditMax }

    package subscript(key: PeerKey) -> Worker? { workers[key] }

    /// In the order in which they came.
    package var all: [Worker] { workers.values.sorted { $0.number < $1.number } }

    package mutating func add(_ key: PeerKey, _ description: PeerDescription, at now: Moment) {
        let services = description.methods.map { String($0.prefix { $0 != "." }) } + [description.service]
        workers[key] = Worker(
            key: key, description: description, methods: Set(description.methods), services: Set(services),
            number: nextNumber, since: now)
        nextNumber += 1
    }

    @discardableResult package mutating func remove(_ key: PeerKey) -> Worker? { workers.removeValue(forKey: key) }

    package mutating func add(credit more: UInt64, to key: PeerKey) {
        guard let credit = workers[key]?.credit else { return }
        workers[key]?.credit = min(creditMax, credit + Int(min(more, UInt64(creditMax))))
    }

    package mutating func drain(_ key: PeerKey) { workers[key]?.isDraining = true }

    /// The worker with the method and the most free credit; of equals, the one that came first.
    package func choose(for method: String) -> Choice {
        let service = String(method.prefix { $0 != "." })
        var best: Worker?
        var hasMethod = false
        var hasService = false
        for worker in workers.values where !worker.isDraining {
            hasService = hasService || worker.services.contains(service)
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

    package mutating func begin(_ key: PeerKey) {
        workers[key]?.credit -= 1
        workers[key]?.running += 1
    }

    package mutating func end(_ key: PeerKey) { workers[key]?.running -= 1 }
}
