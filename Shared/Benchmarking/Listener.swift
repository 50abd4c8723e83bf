/// What someone hears who plays a dialogue from its first piece of sound on: told of each piece as it comes.
public struct Listener: Equatable, Sendable {
    /// From the request to the first sound; nil while there is none.
    public private(set) var firstAudioSeconds: Double?
    /// Silence between pieces, where one came after all before it were played.
    public private(set) var stalledSeconds = 0.0
    /// When all sound so far has been played.
    private var end = 0.0

    public init() {}

    /// - Parameters:
    ///   - seconds: Of sound; none changes nothing.
    ///   - elapsed: Seconds since the request; never fewer than before.
    public mutating func hear(seconds: Double, at elapsed: Double) {
        guard seconds > 0 else { return }
        if firstAudioSeconds == nil {
            firstAudioSeconds = elapsed
        } else {
            stalledSeconds += max(0, elapsed - end)
        }
        end = max(end, elapsed) + seconds
    }
}
