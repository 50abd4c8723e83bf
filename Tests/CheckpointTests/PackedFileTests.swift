import Checkpoint
import Foundation
import TestSupport
import Testing

/// Files of packed weights: what is written is what is read, and no damage goes unnoticed.
@Suite struct PackedFileTests {
    private static let title = PackedFile.Title(modelHash: "c0ffee", precision: "int4", layoutVersion: 7)
    private static let matrices = [
        PackedFile.Matrix(name: "a.weight", bits: 4, outputs: 3, inputs: 5, byteCount: 4096 + 64),
        PackedFile.Matrix(name: "b.weight", bits: 8, outputs: 900, inputs: 2, byteCount: 64),
        // More than a piece that is summed at once.
        PackedFile.Matrix(name: "c.weight", bits: 8, outputs: 1, inputs: 1, byteCount: (1 << 20) + 4112),
    ]

    private static func contents(_ matrix: PackedFile.Matrix) -> [UInt8] {
        var random = SeededRandom(seed: UInt64(matrix.byteCount))
        return (0..<matrix.byteCount).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    }

    static func write(to url: URL, _ matrices: [PackedFile.Matrix] = matrices) throws {
        try PackedFileWriter.write(title, matrices, to: url) { matrix, append in
            let bytes = contents(matrix)
            try bytes[..<(bytes.count / 3)].withUnsafeBytes(append)
            try bytes[(bytes.count / 3)...].withUnsafeBytes(append)
        }
    }

    /// Only headers, so that a test of many of them is quick.
    static func small() throws -> [UInt8] {
        let folder = try ScratchFolder()
        let url = folder.url.appending(path: "small")
        try write(to: url, Array(matrices[..<2]))
        return Array(try Data(contentsOf: url))
    }

    @Test func holdsWhatWasWritten() throws {
        let folder = try ScratchFolder()
        let url = folder.url.appending(path: "file")
        try Self.write(to: url)
        let file = try PackedFile(url)
        #expect(file.title == Self.title)
        #expect(file.matrices == Self.matrices)
        try file.requireIntact()
        for matrix in Self.matrices {
            let bytes = try #require(file.bytes(of: matrix.name))
            #expect(bytes.withBytes { Array($0) } == Self.contents(matrix))
            #expect(bytes.withBytes { Int(bitPattern: $0.baseAddress) } % 4096 == 0)
        }
        #expect(file.bytes(of: "d.weight") == nil)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["file"])
    }

    @Test func everyChangedByteOfTheHeaderIsRefused() throws {
        let sound = try Self.small()
        #expect(CheckpointFuzz.packedFile(sound))
        let headerBytes = sound[12..<16].reversed().reduce(0) { $0 << 8 | Int($1) }
        #expect((100..<4096).contains(headerBytes))
        for place in 0..<headerBytes {
            var damaged = sound
            damaged[place] ^= 0x10
            #expect(!CheckpointFuzz.packedFile(damaged), "byte \(place)")
        }
    }

    @Test func everyClaimOfTheTableIsHeldAgainstTheFile() throws {
        let sound = try Self.small()
        #expect(CheckpointFuzz.packedFileWithItsDigest(sound))
        // Places in the table of the first matrix: behind two texts, two numbers and its own name.
        let entry = 24 + 2 + 6 + 2 + 4 + 4 + 4 + 2 + 8
        func refuses(_ place: Int, _ bytes: [UInt8]) -> Bool {
            var changed = sound
            changed.replaceSubrange(place..<place + bytes.count, with: bytes)
            return !CheckpointFuzz.packedFileWithItsDigest(changed)
        }
        let huge: [UInt8] = Array(repeating: 0xFF, count: 7) + [0x7F]
        #expect(refuses(entry, [0, 0, 0, 0]), "no bits")
        for (place, what) in [(4, "outputs"), (12, "inputs"), (20, "a beginning"), (28, "a length")] {
            #expect(refuses(entry + place, huge), "\(what) far too large")
            #expect(refuses(entry + place, Array(repeating: 0xFF, count: 8)), "\(what) that no number holds")
        }
        #expect(refuses(entry + 20, [0, 0]), "a matrix in the header")
        #expect(refuses(entry + 20, [1, 0x10]), "a matrix that is not aligned")
        #expect(refuses(entry + 28, [0x40, 0x30]), "a matrix that reaches into the next")
        #expect(refuses(42, [0xFF, 0xFF]), "more matrices than the table has")
        #expect(refuses(42, [1, 0]), "fewer")
    }

    @Test func aTruncatedOrLongerFileIsRefused() throws {
        let sound = try Self.small()
        for count in [0, 7, 8, 23, 24, 100, 4095, 4096, sound.count - 1] {
            #expect(!CheckpointFuzz.packedFile(Array(sound[..<count])), "\(count) bytes")
        }
        #expect(!CheckpointFuzz.packedFile(sound + [0]))
    }

    @Test func aFlippedBitOfAMatrixIsFoundAndNamed() throws {
        let folder = try ScratchFolder()
        let url = folder.url.appending(path: "file")
        try Self.write(to: url)
        let sound = try Data(contentsOf: url)
        let (a, b, c) = (4096, 4096 * 3, 4096 * 4)
        for (name, place) in [
            ("a.weight", a), ("a.weight", a + 4159), ("b.weight", b + 31), ("c.weight", c), ("c.weight", c + 1 << 20),
            ("c.weight", sound.count - 1),
        ] {
            for bit in [0, 7] {
                var damaged = sound
                damaged[place] ^= 1 << bit
                try damaged.write(to: url)
                let error = #expect(throws: CheckpointError.self) { try PackedFile(url).requireIntact() }
                #expect(error?.subject == name, "bit \(bit) of byte \(place)")
            }
        }
    }

    @Test func wordsThatChangePlacesAreNoticed() throws {
        let folder = try ScratchFolder()
        let url = folder.url.appending(path: "file")
        try Self.write(to: url)
        var damaged = try Data(contentsOf: url)
        // The same stream of the sums, one step apart.
        let place = 4096
        for index in 0..<4 { damaged.swapAt(place + index, place + 16 + index) }
        try damaged.write(to: url)
        #expect(throws: CheckpointError.self) { try PackedFile(url).requireIntact() }
    }

    @Test func aPlaceThatCannotTakeAFileSaysSoAndKeepsNothing() throws {
        let folder = try ScratchFolder()
        // No disk has room for it.
        let vast = PackedFile.Matrix(name: "v", bits: 8, outputs: 1, inputs: 1, byteCount: 1 << 61)
        #expect(throws: PackedFileWriter.CannotWrite.self) {
            try PackedFileWriter.write(Self.title, [vast], to: folder.url.appending(path: "file")) { _, _ in
                Issue.record("was filled")
            }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
        #expect(throws: PackedFileWriter.CannotWrite.self) {
            try Self.write(to: folder.url.appending(path: "no/folder"))
        }
    }

    @Test func workThatFailsLeavesTheOldFileAndNoDraft() throws {
        struct Broken: Error {}
        let folder = try ScratchFolder()
        let url = folder.url.appending(path: "file")
        try Self.write(to: url)
        #expect(throws: Broken.self) {
            try PackedFileWriter.write(Self.title, Self.matrices, to: url) { _, _ in throw Broken() }
        }
        try PackedFile(url).requireIntact()
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["file"])
    }
}
