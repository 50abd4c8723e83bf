/// How audio longer than a window is encoded: windows that overlap at their right end, of each the first frames kept.
public struct EncodeSchedule: Equatable, Sendable {
    public struct Window: Equatable, Sendable {
        /// What the encoder sees.
        public let samples: Range<Int>
        /// Frames kept, from the window's first on.
        public let frames: Int
    }

    /// In order; their frames together are those of the audio.
    public let windows: [Window]

    public init(samples: Int, timing: CodecTiming) {
        let frames = timing.frames(samples: samples)
        windows = stride(from: 0, to: frames, by: timing.strideFrames).map { first in
            let start = first * timing.inputSamplesPerFrame
            return Window(
                samples: start..<min(start + timing.windowSamples, samples),
                frames: min(timing.strideFrames, frames - first))
        }
    }
}
