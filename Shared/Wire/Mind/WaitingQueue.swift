import Contracts

/// Requests for which no worker is free, first come, first served. Bounded in number per service and in bytes.
struct WaitingQueue: Sendable {
    struct Entry: Sendable {
        let caller: PeerKey
        let stream: StreamID
        let request: WireMessage
        let since: Moment
        let deadline: Moment

        var method: String { request.envelope.method }
        var service: String { String(method.prefix { $0 != "." }) }
    }

    private(set) var entries: [Entry] = []
    private var bytes = 0
    private let limits: WireLimits

    init(limits: WireLimits) { self.limits = limits }

    /// - Returns: Its place, from 0.
    /// - Throws: `overloaded` when the queue of the service, or of all, is full.
    mutating func add(_ entry: Entry) throws(CallError) -> Int {
        let place = entries.count { $0.service == entry.service }
        guard place < limits.waitingMax else {
            throw CallError(
                .overloaded, "\(place) requests wait for a \(entry.service) worker; no more are taken",
                details: ["service": entry.service, "limit": "\(limits.waitingMax)"])
        }
        guard bytes + entry.request.bodyBytes <= limits.waitingBytesMax else {
            throw CallError(
                .overloaded, "the requests that wait for workers hold \(bytes) bytes; no more are taken",
                details: ["service": entry.service, "limit": "\(limits.waitingBytesMax)"])
        }
        entries.append(entry)
        bytes += entry.request.bodyBytes
        return place
    }

    mutating func take(caller: PeerKey, stream: StreamID) -> Entry? {
        take { $0.caller == caller && $0.stream == stream }.first
    }

    /// Takes all that fit, in order.
    mutating func take(where fits: (Entry) -> Bool) -> [Entry] {
        let taken = entries.filter(fits)
        guard !taken.isEmpty else { return [] }
        entries.removeAll(where: fits)
        bytes = entries.reduce(0) { $0 + $1.request.bodyBytes }
        return taken
    }

    func contains(caller: PeerKey, stream: StreamID) -> Bool {
        entries.contains { $0.caller == caller && $0.stream == stream }
    }
}
