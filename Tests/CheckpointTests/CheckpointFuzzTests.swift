import Checkpoint
import Foundation
import TestSupport
import Testing

/// Seeded mutations of sound files through every byte door. A fault here is a trap of the process, not a failed expectation;
/// what is expected is that most mutants are refused, or the mutations would test nothing.
@Suite struct CheckpointFuzzTests {
    struct Door: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let seedInput: [UInt8]
        let enter: @Sendable ([UInt8]) -> Bool
    }

    static let doors: [Door] = [
        Door(
            testDescription: "safetensors", seedInput: SafetensorsBytes.sound([("a", [2, 3]), ("b", []), ("c", [4])]),
            enter: CheckpointFuzz.safetensors),
        Door(
            testDescription: "torch archive", seedInput: archive.bytes(), enter: CheckpointFuzz.torchArchive),
        Door(testDescription: "wide torch archive", seedInput: wideArchive.bytes(), enter: CheckpointFuzz.torchArchive),
        Door(testDescription: "pickle", seedInput: archive.pickle(), enter: CheckpointFuzz.pickle),
        Door(testDescription: "YAML", seedInput: Array(Configurations.codecYAML.utf8), enter: CheckpointFuzz.yaml),
        Door(
            testDescription: "config JSON", seedInput: Array(Configurations.languageModelJSON.utf8),
            enter: CheckpointFuzz.configJSON),
        Door(testDescription: "packed weights", seedInput: packed, enter: CheckpointFuzz.packedFile),
        Door(
            testDescription: "packed weights behind the digest", seedInput: packed,
            enter: CheckpointFuzz.packedFileWithItsDigest),
    ]

    /// Empty where it could not be written, which the tests then say.
    private static let packed = (try? PackedFileTests.small()) ?? []

    private static let archive = TorchBytes(
        tensors: [
            .init(name: "t", count: 6, shape: [2, 3], strides: [3, 1]),
            .init(name: "u", count: 6, offset: 1, shape: [2, 2], strides: [1, 2], isParameter: true),
        ],
        nesting: "generator",
        storages: [(key: "0", bytes: (1...6).flatMap { littleEndian(Float($0).bitPattern) })])

    private static var wideArchive: ZipBytes {
        var zip = archive.zip()
        zip.isWide = true
        return zip
    }

    /// Mutants of each door; `COLLOQUY_TEST_LONG` makes them a hundred times as many.
    static let rounds = ProcessInfo.processInfo.environment["COLLOQUY_TEST_LONG"] == nil ? 4000 : 400_000

    @Test(arguments: doors) func survivesMutatedFiles(_ door: Door) {
        #expect(door.enter(door.seedInput))
        var random = SeededRandom(seed: 20_250_8)
        var refused = 0
        for _ in 0..<Self.rounds {
            if !door.enter(Mutation.apply(to: door.seedInput, &random)) { refused += 1 }
        }
        #expect(refused > Self.rounds / 10)
    }

    @Test(arguments: doors) func survivesNoise(_ door: Door) {
        var random = SeededRandom(seed: 7)
        for count in 0..<600 {
            _ = door.enter((0..<count).map { _ in UInt8.random(in: 0...255, using: &random) })
        }
    }
}

/// A few small damages to a file: bits, bytes, runs, numbers of interest.
enum Mutation {
    static func apply(to input: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var bytes = input
        for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<7, using: &random) {
            case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 2: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...16, using: &random)))
            case 3:
                let end = min(bytes.count, place + Int.random(in: 1...16, using: &random))
                bytes.insert(contentsOf: bytes[place..<end], at: place)
            case 4: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
            case 5:
                let number = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
                for offset in place..<min(bytes.count, place + [1, 2, 4, 8][Int.random(in: 0..<4, using: &random)]) {
                    bytes[offset] = UInt8(number)
                }
            default: bytes.removeLast(Int.random(in: 0...min(bytes.count, 32), using: &random))
            }
        }
        return bytes
    }
}
