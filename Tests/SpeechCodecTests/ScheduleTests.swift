import SpeechCodec
import TestSupport
import Testing

@Suite struct ScheduleTests {
    private static let timing = Result { try CodecModel.codec(CodecModel.goldenFolders[0]).timing }

    private func windows(
        _ mode: DecodeSchedule.Mode, _ delivery: DecodeSchedule.Delivery = .settled, frames: Int
    ) throws -> [DecodeSchedule.Window] {
        var schedule = DecodeSchedule(mode: mode, delivery: delivery, timing: try Self.timing.get())
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
    func `early windows keep every frame once, in order, and each has the next one's fade`(
        _ mode: DecodeSchedule.Mode
    ) throws {
        let timing = try Self.timing.get()
        let frameSamples = timing.outputSamplesPerFrame
        let fade = DecodeSchedule(mode: mode, delivery: .early, timing: timing).fadeSamples
        #expect(fade > 0)
        let behind = mode == .plain ? 0 : timing.referenceFrames
        for frames in 0...1300 {
            var next = 0
            let windows = try windows(mode, .early, frames: frames)
            for window in windows {
                #expect(window.kept.lowerBound == next && !window.kept.isEmpty)
                #expect(window.frames.lowerBound == max(0, next - 20))
                #expect(window.frames.count + behind <= timing.windowFrames)
                #expect(window.kept.count * frameSamples >= fade)
                next = window.kept.upperBound
                if next == frames {
                    #expect(window.margin == 0 && window.frames.upperBound == frames)
                } else {
                    #expect(window.margin == fade && window.frames.upperBound == next + 5)
                }
            }
            #expect(next == frames)
        }
    }

    @Test func `early sound begins as soon as fifteen frames are known`() throws {
        for mode in [DecodeSchedule.Mode.plain, .afterReference] {
            var schedule = DecodeSchedule(mode: mode, delivery: .early, timing: try Self.timing.get())
            #expect(schedule.next(frames: 14, isComplete: false) == nil)
            #expect(schedule.next(frames: 15, isComplete: false)?.kept == 0..<10)
        }
    }

    /// Who starts with the first piece has heard all of them when the time for the next has passed, and no more.
    @Test(arguments: [(DecodeSchedule.Mode.plain, 0.8), (.afterReference, 2.0 / 3)])
    func `a listener of early sound does not run dry at the real-time factor that is promised`(
        _ mode: DecodeSchedule.Mode, _ factor: Double
    ) throws {
        let ends = try windows(mode, .early, frames: 2000).dropLast().map(\.kept.upperBound)
        #expect(ends.count > 10)
        for (index, end) in ends.enumerated().dropFirst() {
            #expect(Double(end - ends[0]) * factor <= Double(ends[index - 1]))
        }
    }

    @Test(
        arguments: [DecodeSchedule.Mode.plain, .afterReference], DecodeSchedule.Delivery.allCases)
    func `windows that are told early are those of the whole`(
        _ mode: DecodeSchedule.Mode, _ delivery: DecodeSchedule.Delivery
    ) throws {
        var random = SeededRandom(seed: 11)
        for _ in 0..<300 {
            let frames = Int.random(in: 0...900, using: &random)
            var schedule = DecodeSchedule(mode: mode, delivery: delivery, timing: try Self.timing.get())
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
            #expect(try told == windows(mode, delivery, frames: frames))
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
