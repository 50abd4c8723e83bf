/// Which frames are decoded together, and which samples of each window are kept: decided by frame numbers alone, so that
/// sound that is streamed is the same as sound that is made at once.
public struct DecodeSchedule: Sendable {
    public enum Mode: Equatable, Sendable {
        /// Windows that overlap at their right end, joined by hard cuts (model.md 3.7).
        case plain
        /// Short windows behind the codes of the prompt, joined by cross-fades (model.md 6.7).
        case afterReference
    }

    public struct Window: Equatable, Sendable {
        /// Frames of the sequence that are decoded together (behind the reference, where there is one).
        public let frames: Range<Int>
        /// Frames of the sequence whose sound is kept; never empty.
        public let kept: Range<Int>
        /// Samples kept beyond `kept`, for the cross-fade into the next window, as far as the window has them.
        public let margin: Int
    }

    /// Behind a reference, in frames: the window, its stride, and the part of it that is kept after the first window.
    private enum AfterReference {
        static let window = 125
        static let stride = 85
        static let kept = 20..<105
    }

    public let mode: Mode
    private let timing: CodecTiming
    private var start = 0

    public init(mode: Mode, timing: CodecTiming) {
        self.mode = mode
        self.timing = timing
    }

    /// The first frame that a window to come will need.
    public var firstNeededFrame: Int { start }

    /// Samples over which a window's sound fades into the next.
    public var fadeSamples: Int { mode == .plain ? 0 : timing.fadeSamples }

    /// The next window whose samples no frame to come can change; nil when there is none yet.
    ///
    /// - Parameters:
    ///   - frames: Frames known from the start of the sequence on; never fewer than before.
    ///   - isComplete: Whether they are all.
    public mutating func next(frames: Int, isComplete: Bool) -> Window? {
        while start < frames {
            guard let (window, stride) = window(frames: frames, isComplete: isComplete) else { return nil }
            start += stride
            if !window.kept.isEmpty { return window }
        }
        return nil
    }

    private func window(frames: Int, isComplete: Bool) -> (window: Window, stride: Int)? {
        switch mode {
        case .plain:
            guard isComplete || frames >= start + timing.windowFrames else { return nil }
            let end = min(start + timing.windowFrames, frames)
            let kept = start..<min(start + timing.strideFrames, end)
            return (Window(frames: start..<end, kept: kept, margin: 0), timing.strideFrames)

        case .afterReference:
            // A window that ends where the sequence ends is cut otherwise: so one frame more must be known.
            guard isComplete || frames > start + AfterReference.window else { return nil }
            let end = min(start + AfterReference.window, frames)
            let isLast = end == frames
            let first = start == 0 ? 0 : min(start + AfterReference.kept.lowerBound, end)
            let full = min(start + AfterReference.kept.upperBound, end)
            // A last window of more frames than are kept leaves the rest to one more window (a quirk of the original's).
            let last = isLast && start > 0 && frames - start < AfterReference.kept.upperBound ? end : full
            let window = Window(
                frames: start..<end, kept: first..<max(first, last), margin: isLast ? 0 : timing.fadeSamples)
            return (window, AfterReference.stride)
        }
    }
}
