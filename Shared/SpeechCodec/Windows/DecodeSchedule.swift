/// Which frames are decoded together, and which samples of each window are kept: decided by frame numbers alone, so that
/// sound that is streamed is the same as sound that is made at once.
public struct DecodeSchedule: Sendable {
    public enum Mode: Equatable, Sendable {
        /// Windows that overlap at their right end, joined by hard cuts (model.md 3.7).
        case plain
        /// Short windows behind the codes of the prompt, joined by cross-fades (model.md 6.7).
        case afterReference
    }

    /// When sound leaves, and so in which windows it is decoded.
    public enum Delivery: CaseIterable, Equatable, Sendable {
        /// In the original's windows, once they are full: the original's sound.
        case settled
        /// In windows that begin small, so that sound follows its frames closely: nearly the original's sound.
        case early
    }

    public struct Window: Equatable, Sendable {
        /// Frames of the sequence that are decoded together (behind the reference, where there is one).
        public let frames: Range<Int>
        /// Frames of the sequence whose sound is kept; never empty.
        public let kept: Range<Int>
        /// Samples kept beyond `kept`, for the cross-fade into the next window, as far as the window has them.
        public let margin: Int
    }

    private enum Windows {
        case settled(SettledWindows)
        case early(EarlyWindows)
    }

    private var windows: Windows

    public init(mode: Mode, delivery: Delivery = .settled, timing: CodecTiming) {
        windows =
            switch delivery {
            case .settled: .settled(SettledWindows(mode: mode, timing: timing))
            case .early: .early(EarlyWindows(mode: mode, timing: timing))
            }
    }

    /// The first frame that a window to come will need.
    public var firstNeededFrame: Int {
        switch windows {
        case .settled(let windows): windows.start
        case .early(let windows): windows.start
        }
    }

    /// Samples over which a window's sound fades into the next.
    public var fadeSamples: Int {
        switch windows {
        case .settled(let windows): windows.fadeSamples
        case .early(let windows): windows.fadeSamples
        }
    }

    /// The next window whose samples no frame to come can change; nil when there is none yet.
    ///
    /// - Parameters:
    ///   - frames: Frames known from the start of the sequence on; never fewer than before.
    ///   - isComplete: Whether they are all.
    public mutating func next(frames: Int, isComplete: Bool) -> Window? {
        switch windows {
        case .settled(var settled):
            defer { windows = .settled(settled) }
            return settled.next(frames: frames, isComplete: isComplete)
        case .early(var early):
            defer { windows = .early(early) }
            return early.next(frames: frames, isComplete: isComplete)
        }
    }
}
