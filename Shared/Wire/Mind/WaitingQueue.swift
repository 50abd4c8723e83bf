package import Contracts

/// Requests for which no worker is free, first come, first served. Bounded in number per service and in bytes.
package struct WaitingQueue: Sendable {
    package struct Entry: Sendable {
        package let caller: PeerKey
        package let stream: StreamID
        package let request: WireMessage
        package let since: Moment
        package let deadline: Moment

        package var method: String { request.envelope.method }
        package var service: String { String(method.prefix { $0 != "." }) }
    }

    /// Services whose queues may be full at once; their names come from callers.
    private static let servicesMax = 16

    package private(set) var entries: [Entry] = []
    private var bytes = 0
    private let limits: WireLimits

    package init(limits: WireLimits) { self.limits = limits }

    /// - Returns: Its place, from 0.
    /// - Throws: `overloaded` when the queue of the service, or of all, is full.
    package mutating func add(_ entry: Entry) throws(CallError) -> Int {
        let place = entries.count { $0.service == entry.service }
        guard place < limits.waitingMax, entries.count < limits.waitingMax * Self.servicesMax else {
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

    package mutating func take(caller: PeerKey, stream: StreamID) -> Entry? {
        take { $0.caller == caller && $0.stream == stream }.first
    }

    /// Takes all that fit, in order.
    package mutating func take(where fits: (Entry) -> Bool) -> [Entry] {
        let taken = entries.filter(fits)
        guard !taken.isEmpty else { return [] }
        entries.removeAll(where: fits)
        bytes = entries.reduce(0) { $0 + $1.request.bodyBytes }
        return taken
    }

    package func contains(caller: PeerKey, stream: StreamID) -> Bool {
        entries.contains { $0.caller == caller && $0.stream == stream }
    }
}
