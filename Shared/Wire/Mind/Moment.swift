/// A point of this process's monotonic time. Machines are told it; only shells read the clock.
package struct Moment: Comparable, Sendable {
    /// Since an arbitrary start.
    package let sinceStart: Duration

    package init(sinceStart: Duration) { self.sinceStart = sinceStart }

    private static let start = ContinuousClock.now

    package static var now: Moment { Moment(sinceStart: ContinuousClock.now - start) }

    package static func < (left: Moment, right: Moment) -> Bool { left.sinceStart < right.sinceStart }
    package static func + (left: Moment, right: Duration) -> Moment { Moment(sinceStart: left.sinceStart + right) }
    package static func - (left: Moment, right: Moment) -> Duration { left.sinceStart - right.sinceStart }
}

extension Duration {
    /// Rounded up, so that what is left of a budget becomes 0 only when it is used up.
    package var wholeMilliseconds: UInt64 {
        guard self > .zero else { return 0 }
        let (seconds, attoseconds) = components
        return UInt64(seconds) * 1000 + UInt64((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }

    /// For people.
    package var secondsText: String {
        let tenths = Int64((self / .milliseconds(100)).rounded())
        return "\(tenths / 10).\(abs(tenths % 10)) s"
    }
}
