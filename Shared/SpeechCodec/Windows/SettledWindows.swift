/// The original's windows, sample for sample: a window is told once no frame to come can change what is kept of it.
struct SettledWindows: Sendable {
    /// Behind a reference, in frames: the window, its stride, and the part of it that is kept after the first window.
    private enum AfterReference {
        static let window = 125
        static let stride = 85
        static let kept = 20..<105
    }

    private let mode: DecodeSchedule.Mode
    private let timing: CodecTiming
    /// The first frame of the next window.
    private(set) var start = 0

    init(mode: DecodeSchedule.Mode, timing: CodecTiming) {
        self.mode = mode
        self.timing = timing
    }

    var fadeSamples: Int { mode == .plain ? 0 : timing.fadeSamples }

    mutating func next(frames: Int, isComplete: Bool) -> DecodeSchedule.Window? {
        while start < frames {
            guard let (window, stride) = window(frames: frames, isComplete: isComplete) else { return nil }
            start += stride
            if !window.kept.isEmpty { return window }
        }
        return nil
    }

    private func window(frames: Int, isComplete: Bool) -> (window: DecodeSchedule.Window, stride: Int)? {
        switch mode {
        case .plain:
            guard isComplete || frames >= start + timing.windowFrames else { return nil }
            let end = min(start + timing.windowFrames, frames)
            let kept = start..<min(start + timing.strideFrames, end)
            return (DecodeSchedule.Window(frames: start..<end, kept: kept, margin: 0), timing.strideFrames)

        case .afterReference:
            // A window that ends where the sequence ends is cut otherwise: so one frame more must be known.
            guard isComplete || frames > start + AfterReference.window else { return nil }
            let end = min(start + AfterReference.window, frames)
            let isLast = end == frames
            let first = start == 0 ? 0 : min(start + AfterReference.kept.lowerBound, end)
            let full = min(start + AfterReference.kept.upperBound, end)
            // A last window of more frames than are kept leaves the rest to one more window (a quirk of the original's).
            let last = isLast && start > 0 && frames - start < AfterReference.kept.upperBound ? end : full
            let window = DecodeSchedule.Window(
                frames: start..<end, kept: first..<max(first, last), margin: isLast ? 0 : timing.fadeSamples)
            return (window, AfterReference.stride)
        }
    }
}
