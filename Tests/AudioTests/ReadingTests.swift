import Audio
import Foundation
import TestSupport
import Testing

@Suite struct ReadingTests {
    @Test func everySixteenBitValueIsReadExactly() throws {
        let values = (Int16.min...Int16.max).map(\.self)
        let expected = values.map { Float($0) / 32768 }
        let wav = HandmadeFiles.wav(bits: 16, data: values.flatMap { HandmadeFiles.little($0) })
        #expect(try AudioClip(bytes: wav).channels == [expected])
        #expect(try AudioClip(bytes: HandmadeFiles.au(values, sampleRate: 16_000)).channels == [expected])
        #expect(try AudioClip(bytes: HandmadeFiles.aiff16k(values)).channels == [expected])
    }

    @Test func everyEightBitValueIsReadExactly() throws {
        let values = (UInt8.min...UInt8.max).map(\.self)
        let clip = try AudioClip(bytes: HandmadeFiles.wav(bits: 8, data: values))
        #expect(clip.channels == [values.map { (Float($0) - 128) / 128 }])
    }

    @Test func deeperIntegersAreReadExactly() throws {
        var random = SeededRandom(seed: 24)
        let values =
            [Int32.min, Int32.max, 0, -1] + (0..<5000).map { _ in Int32.random(in: .min ... .max, using: &random) }
        let deep = HandmadeFiles.wav(bits: 32, data: values.flatMap { HandmadeFiles.little($0) })
        #expect(try AudioClip(bytes: deep).channels == [values.map { Float($0) / 0x1p31 }])
        let medium = HandmadeFiles.wav(bits: 24, data: values.flatMap { HandmadeFiles.little($0).dropFirst() })
        #expect(try AudioClip(bytes: medium).channels == [values.map { Float($0 >> 8) / 0x1p23 }])
    }

    @Test func floatsBeyondFullScaleAreKept() throws {
        let samples: [Float] = [0, 1, -1, 3.5, -1e30, .leastNonzeroMagnitude, 0.1]
        #expect(try AudioClip(bytes: HandmadeFiles.floatWAV(samples)).channels == [samples])
    }

    @Test func readsOggVorbis() throws {
        let clip = try AudioClip(bytes: VorbisSample.bytes)
        #expect(clip.sampleRate == VorbisSample.sampleRate)
        try #require(clip.sampleCount == VorbisSample.sampleCount)
        #expect(TestSounds.relativeError(clip.channels[0], VorbisSample.samples) < 0.05)
    }

    /// A network or a caller cuts reads where it pleases; where the cuts fall must not be heard.
    @Test(arguments: AudioFormat.allCases, [1, 7, 1000, 8192, 8193, 100_000])
    func piecesJoinedAreTheWhole(format: AudioFormat, pieceSamples: Int) throws {
        let count = pieceSamples == 1 ? 500 : 20_000
        let stereo = try AudioClip(
            sampleRate: 24_000, channels: [TestSounds.noise(count, seed: 1), TestSounds.noise(count, seed: 2)])
        let bytes = try stereo.encoded(as: format)
        let whole = try AudioClip(bytes: bytes)
        let reader = try AudioReader(bytes: bytes)
        var joined: [[Float]] = [[], []]
        while true {
            let piece = try reader.read(pieceSamples)
            #expect(piece.map(\.count).allSatisfy { $0 <= pieceSamples })
            if piece[0].isEmpty { break }
            for channel in joined.indices { joined[channel] += piece[channel] }
        }
        #expect(joined == whole.channels)
        #expect(try reader.read(pieceSamples) == [[], []], "the end stays the end")
    }

    /// The prompts that people really give.
    @Test(arguments: ["wav"])
    func readsTheRealPrompts(fileExtension: String) throws {
        let folders = [
            SharedFolder.url.appending(path: "audio"),
            SharedFolder.packageRoot.appending(path: "Shared/DemoVoice/Model/prompts"),
        ]
        for folder in folders {
            let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
                .filter { $0.pathExtension == fileExtension }
            try #require(!files.isEmpty)
            for file in files {
                let clip = try AudioClip(path: file.path)
                let mono = try PromptAudio.loadMono16k(path: file.path)
                #expect(mono.count == Int((clip.durationSeconds * 16_000).rounded(.up)), "\(file.path)")
                #expect(mono.contains { abs($0) > 0.05 }, "\(file.path) is silent")
            }
        }
    }

    @Test func aFileThatEndsEarlyGivesWhatIsThere() throws {
        let samples = TestSounds.noise(1000, seed: 3)
        let whole = HandmadeFiles.floatWAV(samples)
        let cut = try AudioClip(bytes: Array(whole.dropLast(401)))
        #expect(cut.channels == [Array(samples.prefix(899))])
    }

    @Test func aHeaderThatClaimsFourGigabytesCostsNothing() throws {
        let data = (0..<100).flatMap { HandmadeFiles.little(Int16($0)) }
        let clip = try AudioClip(bytes: HandmadeFiles.wav(bits: 16, data: data, claimedDataBytes: .max))
        #expect(clip.channels == [(0..<100).map { Float($0) / 32768 }])
    }

    /// FLAC has the number of samples in 36 bits of its header; all set, that is eleven hundred hours.
    @Test func aFLACHeaderThatClaimsTheUtmostIsRefusedBeforeReading() throws {
        var bytes = try AudioClip(sampleRate: 16_000, mono: TestSounds.noise(5000, seed: 4)).encoded(as: .flac)
        bytes[21] |= 0x0F
        for index in 22..<26 { bytes[index] = 0xFF }
        #expect(throws: AudioError.tooLong(source: "audio", limitSeconds: 3600)) { try AudioClip(bytes: bytes) }
    }
}
