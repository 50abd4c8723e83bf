/// When a process that died is started again: at once at first, then later and later.
///
/// Pure: told of starts and ends with the time, it answers with a delay.
public struct RestartPolicy: Sendable {
    /// The delay after the first death, which doubles with each further one.
    public let first: Duration
    /// No delay is longer.
    public let longest: Duration
    /// A process that lived this long was sound, and its next death counts as the first.
    public let sound: Duration

    private var deaths = 0
    private var startedAt: Duration = .zero

    public init(
        first: Duration = .milliseconds(250), longest: Duration = .seconds(10), sound: Duration = .seconds(30)
    ) {
        self.first = first
        self.longest = longest
        self.sound = sound
    }

    public mutating func started(at time: Duration) { startedAt = time }

    /// - Returns: How long to wait before the next start.
    public mutating func died(at time: Duration) -> Duration {
        if time - startedAt >= sound { deaths = 0 }
        // Doubling stops where the limit is certain, long before it could overflow.
        let delay = min(first * (1 << min(deaths, 16)), longest)
        deaths += 1
        return delay
    }
}
