import Audio
import Foundation
import TestSupport
import Testing

@Suite struct WritingTests {
    static let rates = [8_000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 44_101, 48_000, 96_001]

    /// Every format at every rate, read back: the rate it promises, the length, and the sound.
    @Test(arguments: AudioFormat.allCases, rates)
    func whatIsWrittenIsReadBack(format: AudioFormat, sampleRate: Int) throws {
        let clip = AudioClip(
            sampleRate: sampleRate, mono: TestSounds.tone(sampleRate + 77, hertz: 440, sampleRate: sampleRate))
        let back = try AudioClip(bytes: clip.encoded(as: format))
        #expect(back.sampleRate == format.encodedRate(for: sampleRate))
        let expected = try clip.resampled(to: back.sampleRate)
        try #require(back.sampleCount == expected.sampleCount)
        let error = TestSounds.relativeError(back.channels[0], expected.channels[0])
        switch format {
        case .wavFloat: #expect(back == expected)
        case .wav, .flac:
            #expect(Closeness(back.channels[0], expected.channels[0]).within(absolute: 0.5 / 32768))
        case .opus: #expect(error < 0.15)
        case .mp3: #expect(error < 0.05)
        }
    }

    @Test(arguments: AudioFormat.allCases)
    func channelsStayApart(format: AudioFormat) throws {
        let clip = try AudioClip(
            sampleRate: 24_000,
            channels: [200.0, 700.0].map { TestSounds.tone(24_000, hertz: $0, sampleRate: 24_000) })
        let back = try AudioClip(bytes: clip.encoded(as: format))
        try #require(back.channelCount == 2)
        for channel in 0..<2 {
            #expect(TestSounds.relativeError(back.channels[channel], clip.channels[channel]) < 0.2)
        }
    }

    /// 16 bits that were read are written as the same 16 bits.
    @Test(arguments: [AudioFormat.wav, .flac])
    func sixteenBitsSurviveExactly(format: AudioFormat) throws {
        let clip = AudioClip(sampleRate: 16_000, mono: (Int16.min...Int16.max).map { Float($0) / 32768 })
        #expect(try AudioClip(bytes: clip.encoded(as: format)) == clip)
    }

    @Test func sixteenBitRoundingIsToNearestAndClamped() {
        let step: Float = 1 / 32768
        let expected: [(Float, Int16)] = [
            (0, 0), (0.4 * step, 0), (0.5 * step, 0), (0.6 * step, 1), (1.5 * step, 2), (2.5 * step, 2),
            (-0.6 * step, -1), (-1.5 * step, -2), (1, 32767), (-1, -32768), (7, 32767), (-7, -32768),
            (.infinity, 32767), (-.infinity, -32768), (.nan, 0),
        ]
        for (value, quantized) in expected { #expect(PCM16.quantized(value) == quantized, "\(value)") }
        #expect(PCM16.bytes(of: [1, -1, 258 * step]) == [0xFF, 0x7F, 0x00, 0x80, 0x02, 0x01])
    }

    @Test func onlyFloatWAVKeepsWhatLiesBeyondFullScale() throws {
        let loud = AudioClip(sampleRate: 16_000, mono: TestSounds.noise(4000, seed: 9, level: 4))
        #expect(try AudioClip(bytes: loud.encoded(as: .wavFloat)) == loud)
        for format in [AudioFormat.wav, .flac] {
            let back = try AudioClip(bytes: loud.encoded(as: format))
            #expect(back.channels[0].max() == 32767 / 32768 && back.channels[0].min() == -1)
        }
        let limited = AudioClip(sampleRate: 16_000, mono: loud.channels[0].map { min(max($0, -1), 1) })
        for format in [AudioFormat.opus, .mp3] {
            #expect(try loud.encoded(as: format) == limited.encoded(as: format))
        }
    }

    /// Same samples, same bytes: at once or in pieces, to memory or to a file, now or later.
    @Test(arguments: AudioFormat.allCases, [24_000, 32_000])
    func sameSamplesGiveTheSameBytes(format: AudioFormat, sampleRate: Int) throws {
        let clip = AudioClip(sampleRate: sampleRate, mono: TestSounds.noise(50_000, seed: 10))
        let bytes = try clip.encoded(as: format)
        #expect(try clip.encoded(as: format) == bytes)
        let scratch = try ScratchFolder()
        for longest in [100, 3000, 50_000] {
            let file = scratch.url.appending(path: "\(longest)")
            let writer = try AudioWriter(path: file.path, format: format, sampleRate: sampleRate)
            for piece in TestSounds.pieces(of: clip.channels[0], seed: UInt64(longest), longest: longest) {
                try writer.write(piece)
            }
            try writer.finish()
            #expect(try Array(Data(contentsOf: file)) == bytes, "pieces of up to \(longest)")
        }
        try clip.write(path: scratch.url.appending(path: "3000").path, format: format)
        #expect(try Array(Data(contentsOf: scratch.url.appending(path: "3000"))) == bytes, "an old file is replaced")
    }

    /// libsndfile would add one with the second of its writing, so the same sound would differ from day to day.
    @Test func aFloatWAVHasNoDatedChunk() throws {
        let bytes = try AudioClip(sampleRate: 24_000, mono: [0.5, -0.5]).encoded(as: .wavFloat)
        #expect(Data(bytes).range(of: Data("PEAK".utf8)) == nil)
    }

    @Test func everyOggPageHasTheFixedSerialNumber() throws {
        let bytes = try AudioClip(sampleRate: 24_000, mono: TestSounds.noise(200_000, seed: 11)).encoded(as: .opus)
        var position = 0
        var pages = 0
        while position + 27 <= bytes.count {
            #expect(Array(bytes[position..<position + 4]) == Array("OggS".utf8))
            #expect(Array(bytes[position + 14..<position + 18]) == [1, 0, 0, 0])
            let segments = Int(bytes[position + 26])
            position += 27 + segments
            position += bytes[position - segments..<position].reduce(0) { $0 + Int($1) }
            pages += 1
        }
        #expect(position == bytes.count && pages > 3)
    }

    /// Whoever plays a file while it grows, or finds it after a crash, hears what was written so far.
    @Test(arguments: [AudioFormat.wav, .wavFloat])
    func anUnfinishedWAVFileCanBePlayed(format: AudioFormat) throws {
        let scratch = try ScratchFolder()
        let path = scratch.url.appending(path: "growing.wav").path
        let writer = try AudioWriter(path: path, format: format, sampleRate: 24_000)
        for count in 1...5 {
            try writer.write(TestSounds.noise(1000, seed: UInt64(count)))
            #expect(try AudioClip(path: path).sampleCount == 1000 * count)
        }
        try writer.finish()
        #expect(try AudioClip(path: path).sampleCount == 5000)
    }
}
