/// Windows for someone who listens while the dialogue is made: small ones first, then ever larger ones.
///
/// A window keeps the frames behind those of the one before, decodes some more on either side of them, because the decoder
/// looks both ways, and fades into the next. Docs/Decisions/0014-early-sound.md has the measurements behind the numbers.
struct EarlyWindows: Sendable {
    /// Frames that the first window keeps.
    static let first = 10
    /// Frames behind what a window keeps that have to be known before it is decoded.
    static let lookAhead = 5
    /// Frames before what a window keeps that are decoded again, as far as there are so many.
    static let context = 20
    /// Fades that a second holds.
    static let fadesPerSecond = 25

    let fadeSamples: Int
    /// How many times as many frames a window keeps as the one before, and how many at most.
    private let growth: (numerator: Int, denominator: Int)
    private let hopMax: Int
    /// The first frame whose sound no window has kept.
    private var kept = 0
    /// Frames that the next window keeps, unless the sequence ends.
    private var hop: Int

    init(mode: DecodeSchedule.Mode, timing: CodecTiming) {
        fadeSamples = timing.outputSampleRate / Self.fadesPerSecond
        let longest: Int
        var room = timing.windowFrames - Self.context - Self.lookAhead
        switch mode {
        case .plain: (growth, longest) = ((5, 4), 100)
        case .afterReference:
            (growth, longest) = ((3, 2), 85)
            room -= timing.referenceFrames
        }
        hopMax = min(longest, room)
        hop = min(Self.first, hopMax)
    }

    /// The first frame that a window to come needs.
    var start: Int { max(0, kept - Self.context) }

    mutating func next(frames: Int, isComplete: Bool) -> DecodeSchedule.Window? {
        let end = kept + hop
        if frames >= end + Self.lookAhead {
            let window = DecodeSchedule.Window(
                frames: start..<end + Self.lookAhead, kept: kept..<end, margin: fadeSamples)
            kept = end
            hop = min(hop * growth.numerator / growth.denominator, hopMax)
            return window
        }
        guard isComplete, kept < frames else { return nil }
        defer { kept = frames }
        return DecodeSchedule.Window(frames: start..<frames, kept: kept..<frames, margin: 0)
    }
}
