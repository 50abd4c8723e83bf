import Audio
import Foundation
import TestSupport
import Testing

@Suite struct WritingErrorTests {
    @Test(arguments: AudioFormat.allCases)
    func aMissingFolderIsNamed(format: AudioFormat) throws {
        let scratch = try ScratchFolder()
        let path = scratch.url.appending(path: "missing/out").path
        #expect(throws: AudioError.cannotWrite(target: path, reason: "No such file or directory")) {
            try AudioClip(sampleRate: 24_000, mono: [0.5]).write(path: path, format: format)
        }
    }

    @Test(arguments: AudioFormat.allCases)
    func aFullDiskIsReported(format: AudioFormat) throws {
        #expect(throws: AudioError.cannotWrite(target: "/dev/full", reason: "No space left on device")) {
            try AudioClip(sampleRate: 24_000, mono: TestSounds.noise(50_000, seed: 12))
                .write(path: "/dev/full", format: format)
        }
    }

    @Test(arguments: AudioFormat.allCases)
    func aFileOfNothingIsRefused(format: AudioFormat) throws {
        #expect(throws: AudioError.nothingToWrite(target: "memory")) {
            try AudioClip(sampleRate: 24_000, mono: []).encoded(as: format)
        }
    }

    @Test(arguments: AudioFormat.allCases)
    func valuesThatAreNoNumbersAreRefusedWithTheirPlace(format: AudioFormat) throws {
        let scratch = try ScratchFolder()
        let path = scratch.url.appending(path: "out").path
        let writer = try AudioWriter(path: path, format: format, sampleRate: 24_000, channelCount: 2)
        try writer.write([[0.5, 0.5], [0.5, 0.5]])
        #expect(throws: AudioError.notFinite(source: path, channel: 1, sample: 3)) {
            try writer.write([[0.5, 0.5], [0.5, .nan]])
        }
        try writer.write([[0.25], [0.25]])
        try writer.finish()
        if format == .wavFloat {
            #expect(try AudioClip(path: path).channels == [[0.5, 0.5, 0.25], [0.5, 0.5, 0.25]])
        }
    }

    @Test func channelsMustFitTheWriterAndEachOther() throws {
        let scratch = try ScratchFolder()
        let path = scratch.url.appending(path: "out.wav").path
        let writer = try AudioWriter(path: path, format: .wav, sampleRate: 24_000, channelCount: 2)
        #expect(throws: AudioError.wrongChannelCount(given: 1, expected: 2)) { try writer.write([0.5]) }
        #expect(throws: AudioError.channelsDiffer(counts: [2, 1])) { try writer.write([[0.5, 0.5], [0.5]]) }
    }

    @Test func nothingFollowsTheEnd() throws {
        let scratch = try ScratchFolder()
        let path = scratch.url.appending(path: "out.wav").path
        let writer = try AudioWriter(path: path, format: .wav, sampleRate: 24_000)
        try writer.write([0.5])
        try writer.finish()
        try writer.finish()
        #expect(throws: AudioError.cannotWrite(target: path, reason: "it is finished")) { try writer.write([0.5]) }
        #expect(try AudioClip(path: path).sampleCount == 1)
    }

    @Test(arguments: AudioFormat.allCases, [0, -1, 9, 100_000])
    func channelCountsThatNoFormatTakesAreRefused(format: AudioFormat, channelCount: Int) throws {
        let scratch = try ScratchFolder()
        let path = scratch.url.appending(path: "out").path
        let error = #expect(throws: AudioError.self) {
            try AudioWriter(path: path, format: format, sampleRate: 24_000, channelCount: channelCount)
        }
        guard case .cannotEncode(format, channelCount, 24_000, _) = try #require(error) else {
            return #expect(Bool(false))
        }
        #expect(!FileManager.default.fileExists(atPath: path), "a refused writer leaves no file")
    }

    @Test(arguments: AudioFormat.allCases, [0, 999, 384_001, Int.max])
    func ratesThatCannotBeResampledAreRefused(format: AudioFormat, sampleRate: Int) throws {
        #expect(throws: AudioError.cannotResample(sampleRate: sampleRate, allowed: Resampler.sampleRates)) {
            try AudioClip(sampleRate: sampleRate, mono: [0.5]).encoded(as: format)
        }
    }

    @Test func aWAVFileThatItsHeaderCannotDescribeIsRefused() throws {
        let limit = AudioFormat.wavDataBytesMax
        try AudioFormat.wav.checkRoom(forSamples: limit / 4, channelCount: 2)
        try AudioFormat.flac.checkRoom(forSamples: limit, channelCount: 2)
        #expect(throws: AudioError.tooLongForFormat(format: .wav, limitBytes: limit)) {
            try AudioFormat.wav.checkRoom(forSamples: limit / 4 + 1, channelCount: 2)
        }
        #expect(throws: AudioError.tooLongForFormat(format: .wavFloat, limitBytes: limit)) {
            try AudioFormat.wavFloat.checkRoom(forSamples: limit / 4 + 1, channelCount: 1)
        }
    }
}
