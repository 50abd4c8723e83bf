import Audio
import Foundation
import TestSupport
import Testing

/// Sound files come from strangers: whatever their bytes, reading ends, and does not end the process.
@Suite struct AudioFuzzTests {
    /// Rounds for each seed; `COLLOQUY_TEST_LONG` makes them a hundred times as many.
    static let rounds = ProcessInfo.processInfo.environment["COLLOQUY_TEST_LONG"] == nil ? 200 : 20_000

    private func validFiles() throws -> [[UInt8]] {
        let samples = TestSounds.noise(3000, seed: 40)
        let clip = AudioClip(sampleRate: 24_000, mono: samples)
        return try AudioFormat.allCases.map { try clip.encoded(as: $0) } + [
            VorbisSample.bytes, HandmadeFiles.aiff16k(samples.map(PCM16.quantized)),
            HandmadeFiles.au(samples.map(PCM16.quantized), sampleRate: 24_000),
        ]
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func changedFilesEndInSoundOrInATypedError(seed: UInt64) throws {
        let files = try validFiles()
        var random = SeededRandom(seed: seed)
        for _ in 0..<Self.rounds {
            var bytes = try #require(files.randomElement(using: &random))
            for _ in 0..<Int.random(in: 1...8, using: &random) { change(&bytes, &random) }
            AudioFuzz.file(bytes)
        }
    }

    @Test func filesCutAnywhereInTheirHeadEndInSoundOrInATypedError() throws {
        for file in try validFiles() {
            for count in 0..<min(file.count, 200) { AudioFuzz.file(Array(file.prefix(count))) }
        }
    }

    /// One change, half of them in the head, where the numbers are.
    private func change(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
        guard !bytes.isEmpty else { return }
        let reach = Bool.random(using: &random) ? min(bytes.count, 200) : bytes.count
        let place = Int.random(in: 0..<reach, using: &random)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 2:
            for index in place..<min(bytes.count, place + 4) { bytes[index] = Bool.random(using: &random) ? 0xFF : 0 }
        case 3: bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random) / 2)
        default: bytes.insert(contentsOf: Array(bytes[place..<min(bytes.count, place + 16)]), at: place)
        }
    }
}
