import SpeechCodec
import TestSupport
import Testing

@Suite struct ScheduleTests {
    private static let timing = Result { try CodecModel.codec(CodecModel.goldenFolders[0]).timing }

    private func windows(_ mode: DecodeSchedule.Mode, frames: Int) throws -> [DecodeSchedule.Window] {
        var schedule = DecodeSchedule(mode: mode, timing: try Self.timing.get())
        var windows: [DecodeSchedule.Window] = []
        while let window = schedule.next(frames: frames, isComplete: true) { windows.append(window) }
        return windows
    }

    @Test func `plain windows keep every frame once, in order`() throws {
        for frames in 0...1300 {
            var next = 0
            for window in try windows(.plain, frames: frames) {
                #expect(window.kept.lowerBound == next && window.frames.lowerBound == next && window.margin == 0)
                #expect(window.frames.contains(window.kept.upperBound - 1))
                next = window.kept.upperBound
            }
            #expect(next == frames)
        }
    }

    /// The sound behind a reference lacks at most one fade, and only after a last window that was cut (model.md 6.7).
    @Test func `windows behind a reference give the original's number of samples`() throws {
        let timing = try Self.timing.get()
        let perFrame = timing.outputSamplesPerFrame
        for frames in 1...1300 {
            let windows = try windows(.afterReference, frames: frames)
            var total = 0
            for (index, window) in windows.enumerated() {
                #expect(window.frames.count + timing.referenceFrames <= timing.windowFrames)
                let end = min(window.kept.upperBound * perFrame + window.margin, window.frames.upperBound * perFrame)
                let samples = end - window.kept.lowerBound * perFrame
                total += samples - (index == 0 ? 0 : min(timing.fadeSamples, samples, total))
            }
            #expect(windows.last?.kept.upperBound == frames)
            // Frames left at the start of a window that is the last: more than 105 are cut, and the rest pays for the fade.
            let left = stride(from: 0, to: frames, by: 85).map { frames - $0 }.first { $0 <= 125 } ?? 0
            let lost = left > 105 ? min(timing.fadeSamples, perFrame * (left - 105)) : 0
            #expect(total == frames * perFrame - lost, "\(frames) frames")
        }
    }

    @Test(arguments: [DecodeSchedule.Mode.plain, .afterReference])
    func `windows that are told early are those of the whole`(_ mode: DecodeSchedule.Mode) throws {
        var random = SeededRandom(seed: 11)
        for _ in 0..<300 {
            let frames = Int.random(in: 0...900, using: &random)
            var schedule = DecodeSchedule(mode: mode, timing: try Self.timing.get())
            var told: [DecodeSchedule.Window] = []
            var known = 0
            while known < frames {
                known = min(frames, known + Int.random(in: 1...200, using: &random))
                while let window = schedule.next(frames: known, isComplete: false) {
                    #expect(window.frames.upperBound <= known)
                    told.append(window)
                }
            }
            while let window = schedule.next(frames: frames, isComplete: true) { told.append(window) }
            #expect(try told == windows(mode, frames: frames))
        }
    }

    @Test func `encoder windows together give one code per whole frame`() throws {
        let timing = try Self.timing.get()
        let frame = timing.inputSamplesPerFrame
        var random = SeededRandom(seed: 3)
        let edges = [0, timing.strideSamples, timing.windowSamples, 2 * timing.strideSamples]
        let lengths =
            edges.flatMap { [$0, $0 + 1, $0 + frame - 1, $0 + frame, max(0, $0 - 1)] }
            + (0..<200).map { _ in Int.random(in: 0...4 * timing.windowSamples, using: &random) }
        for samples in lengths {
            let windows = EncodeSchedule(samples: samples, timing: timing).windows
            #expect(windows.reduce(0) { $0 + $1.frames } == samples / frame)
            for (index, window) in windows.enumerated() {
                #expect(window.samples.lowerBound == index * timing.strideSamples)
                #expect(window.samples.upperBound == min(samples, window.samples.lowerBound + timing.windowSamples))
                #expect(window.frames * frame <= window.samples.count)
            }
        }
    }
}
