/// Counts a peer's malformed messages. A mistake is answered; who goes on making them is not listened to.
package struct Offences: Sendable {
    private let most: Int
    private let window: Duration
    private var times: [Moment] = []

    package init(limits: WireLimits) {
        most = max(1, limits.offencesMax)
        window = limits.offenceWindow
    }

    /// - Returns: Whether this was one too many.
    package mutating func add(at now: Moment) -> Bool {
        forget(at: now)
        times.append(now)
        return times.count >= most
    }

    /// Whether there is nothing to remember.
    package mutating func isClean(at now: Moment) -> Bool {
        forget(at: now)
        return times.isEmpty
    }

    private mutating func forget(at now: Moment) { times.removeAll { now - $0 >= window } }
}
