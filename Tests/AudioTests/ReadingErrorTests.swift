import Audio
import Foundation
import TestSupport
import Testing

/// Each way a file can be refused, with the limits seen from both sides.
@Suite struct ReadingErrorTests {
    private func failure(_ body: () throws -> Void) -> AudioError? {
        do { try body() } catch { return error as? AudioError }
        return nil
    }

    @Test func whatCannotBeOpenedIsNamed() throws {
        let scratch = try ScratchFolder()
        let missing = scratch.url.appending(path: "missing.wav").path
        let error = try #require(failure { _ = try AudioClip(path: missing) })
        guard case .cannotOpen(missing, let reason) = error else { throw error }
        #expect(reason == "No such file or directory")
        #expect(error.description.contains(missing))
        #expect(
            throws: AudioError.cannotOpen(source: scratch.url.path, reason: "it is no regular file")
        ) { try AudioClip(path: scratch.url.path) }
    }

    /// Opening a pipe for reading waits for a writer; a service must not.
    @Test func aPipeIsRefusedAtOnce() throws {
        let scratch = try ScratchFolder()
        let pipe = scratch.url.appending(path: "pipe.wav").path
        try #require(mkfifo(pipe, 0o600) == 0)
        #expect(throws: AudioError.cannotOpen(source: pipe, reason: "it is no regular file")) {
            try AudioClip(path: pipe)
        }
    }

    @Test func nothingAndNoiseAreNoSound() throws {
        #expect(throws: AudioError.empty(source: "upload")) { try AudioClip(bytes: [], source: "upload") }
        var random = SeededRandom(seed: 5)
        let noSounds: [[UInt8]] = [
            Array("hello".utf8), [0], (0..<4096).map { _ in UInt8.random(in: 0...255, using: &random) },
            Array("RIFF".utf8), HandmadeFiles.wav(bits: 16, data: []).dropLast(8),
        ]
        for bytes in noSounds {
            let error = try #require(failure { _ = try AudioClip(bytes: bytes) })
            guard case .notAudio("audio", _) = error else { throw error }
        }
    }

    @Test func aSampleDumpIsRefused() throws {
        #expect(throws: AudioError.notAudio(source: "audio", reason: "MIDI Sample Dumps are not read")) {
            try AudioClip(bytes: [0xF0, 0x7E, 0, 1] + [UInt8](repeating: 0, count: 100))
        }
    }

    @Test func aFileWithoutSamplesIsRefused() throws {
        #expect(throws: AudioError.noSamples(source: "audio")) {
            try AudioClip(bytes: HandmadeFiles.wav(bits: 16, data: []))
        }
    }

    @Test func moreBytesThanAllowedAreRefused() throws {
        let bytes = HandmadeFiles.floatWAV([0.5, 0.25])
        #expect(try AudioClip(bytes: bytes, limits: AudioLimits(bytes: bytes.count)).sampleCount == 2)
        #expect(
            throws: AudioError.tooManyBytes(source: "audio", bytes: bytes.count, limit: bytes.count - 1)
        ) { try AudioClip(bytes: bytes, limits: AudioLimits(bytes: bytes.count - 1)) }
    }

    @Test func moreChannelsThanAllowedAreRefused() throws {
        let bytes = HandmadeFiles.floatWAV([0.5, 0.25, 0.125], channels: 3)
        #expect(try AudioClip(bytes: bytes, limits: AudioLimits(channelCount: 3)).channelCount == 3)
        #expect(throws: AudioError.tooManyChannels(source: "audio", channels: 3, limit: 2)) {
            try AudioClip(bytes: bytes, limits: AudioLimits(channelCount: 2))
        }
        let many = HandmadeFiles.wav(channels: 1000, bits: 8, data: [UInt8](repeating: 128, count: 2000))
        #expect(throws: AudioError.tooManyChannels(source: "audio", channels: 1000, limit: 32)) {
            try AudioClip(bytes: many)
        }
    }

    @Test func ratesOutsideTheAllowedAreRefused() throws {
        for rate in [1_000, 384_000] {
            #expect(try AudioClip(bytes: HandmadeFiles.floatWAV([0.5], sampleRate: rate)).sampleRate == rate)
        }
        for rate in [999, 384_001] {
            #expect(
                throws: AudioError.sampleRateOutOfRange(
                    source: "audio", sampleRate: rate, allowed: Resampler.sampleRates)
            ) { try AudioClip(bytes: HandmadeFiles.floatWAV([0.5], sampleRate: rate)) }
        }
    }

    @Test func soundLongerThanAllowedIsRefused() throws {
        let bytes = HandmadeFiles.floatWAV([Float](repeating: 0.5, count: 1600))
        #expect(try AudioClip(bytes: bytes, limits: AudioLimits(seconds: 0.1)).sampleCount == 1600)
        #expect(throws: AudioError.tooLong(source: "audio", limitSeconds: 0.09)) {
            try AudioClip(bytes: bytes, limits: AudioLimits(seconds: 0.09))
        }
    }

    @Test func moreValuesThanAllowedAreRefused() throws {
        let bytes = HandmadeFiles.floatWAV([Float](repeating: 0.5, count: 200), channels: 2)
        #expect(try AudioClip(bytes: bytes, limits: AudioLimits(values: 200)).sampleCount == 100)
        #expect(throws: AudioError.tooManyValues(source: "audio", limit: 199)) {
            try AudioClip(bytes: bytes, limits: AudioLimits(values: 199))
        }
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity])
    func aValueThatIsNoNumberIsRefusedWithItsPlace(value: Float) throws {
        var samples = [Float](repeating: 0.5, count: 20_000)
        samples[19_001] = value
        #expect(throws: AudioError.notFinite(source: "audio", channel: 1, sample: 9500)) {
            try AudioClip(bytes: HandmadeFiles.floatWAV(samples, channels: 2))
        }
    }

    @Test func damageThatTheDecoderNoticesIsRefusedWithItsPlace() throws {
        var bytes = try AudioClip(sampleRate: 16_000, mono: TestSounds.noise(60_000, seed: 6)).encoded(as: .flac)
        for index in bytes.count / 2..<bytes.count / 2 + 20 { bytes[index] ^= 0x5A }
        let error = try #require(failure { _ = try AudioClip(bytes: bytes) })
        guard case .damaged("audio", let sample, _) = error else { throw error }
        #expect((1..<60_000).contains(sample))
    }

    @Test func channelsOfAClipAreEquallyLong() {
        #expect(throws: AudioError.channelsDiffer(counts: [1, 2])) {
            try AudioClip(sampleRate: 16_000, channels: [[0], [0, 0]])
        }
        #expect(throws: AudioError.channelsDiffer(counts: [])) { try AudioClip(sampleRate: 16_000, channels: []) }
    }
}
