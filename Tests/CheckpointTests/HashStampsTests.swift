import Checkpoint
import Foundation
import TestSupport
import Testing

/// A content hash is remembered for as long as the files are the same, and not longer.
@Suite struct HashStampsTests {
    private final class Subject {
        let folder: ScratchFolder
        let file: URL
        let stamps: HashStamps
        var timesMade = 0

        init(settling: Duration = .zero) throws {
            folder = try ScratchFolder()
            file = folder.url.appending(path: "weights")
            try Data("some weights".utf8).write(to: file)
            stamps = HashStamps(folder: folder.url.appending(path: "stamps"), settling: settling)
        }

        func hash(_ kind: String = "kind") throws -> String {
            try stamps.hash(kind, of: [file]) { () throws(CheckpointError) in
                timesMade += 1
                return String(repeating: "\(timesMade)", count: 64)
            }
        }

        var stampFiles: [URL] {
            (try? FileManager.default.contentsOfDirectory(
                at: folder.url.appending(path: "stamps"), includingPropertiesForKeys: nil)) ?? []
        }
    }

    @Test func isMadeOnceForFilesThatStayTheSame() throws {
        let subject = try Subject()
        let first = try subject.hash()
        #expect(try subject.hash() == first)
        #expect(subject.timesMade == 1)
        #expect(subject.stampFiles.count == 1)
        #expect(try subject.hash("another kind") != first)
    }

    @Test func aChangeOfTheSameLengthAndTimeIsNoticed() throws {
        let subject = try Subject()
        let first = try subject.hash()
        let dates = try FileManager.default.attributesOfItem(atPath: subject.file.path)
        let handle = try FileHandle(forWritingTo: subject.file)
        try handle.write(contentsOf: Data("other".utf8))
        try handle.close()
        // The time of the status tells it still.
        try FileManager.default.setAttributes(
            [.modificationDate: try #require(dates[.modificationDate])], ofItemAtPath: subject.file.path)
        #expect(try subject.hash() != first)
    }

    @Test func aFileInThePlaceOfTheOldOneIsNoticed() throws {
        let subject = try Subject()
        let first = try subject.hash()
        let other = subject.folder.url.appending(path: "other")
        try FileManager.default.copyItem(at: subject.file, to: other)
        #expect(rename(other.path, subject.file.path) == 0)
        #expect(try subject.hash() != first)
    }

    @Test(arguments: ["", "nonsense", "colloquy content hash 1\n"])
    func aDamagedStampIsMadeAnew(_ text: String) throws {
        let subject = try Subject()
        _ = try subject.hash()
        let stamp = try #require(subject.stampFiles.first)
        try Data(text.utf8).write(to: stamp)
        _ = try subject.hash()
        #expect(subject.timesMade == 2)
        _ = try subject.hash()
        #expect(subject.timesMade == 2)
    }

    @Test func noChangedByteOfAStampBecomesAHash() throws {
        let subject = try Subject()
        _ = try subject.hash()
        let stamp = try #require(subject.stampFiles.first)
        let sound = try Data(contentsOf: stamp)
        for place in sound.indices {
            var damaged = sound
            damaged[place] ^= 1
            try damaged.write(to: stamp)
            let before = subject.timesMade
            _ = try subject.hash()
            #expect(subject.timesMade == before + 1, "byte \(place)")
        }
    }

    @Test func aFileThatHasJustChangedIsNotTrustedYet() throws {
        let subject = try Subject(settling: .seconds(3600))
        _ = try subject.hash()
        _ = try subject.hash()
        #expect(subject.timesMade == 2)
        #expect(subject.stampFiles.isEmpty)
    }

    @Test func aFolderThatTakesNoStampOnlyCostsTheWork() throws {
        let subject = try Subject()
        try Data().write(to: subject.folder.url.appending(path: "stamps"))
        _ = try subject.hash()
        _ = try subject.hash()
        #expect(subject.timesMade == 2)
    }

    @Test func aModelsHashIsTheSameRememberedOrNot() throws {
        let model = try SmallModel()
        let stamps = HashStamps(folder: model.url.appending(path: "stamps"), settling: .zero)
        let directory = try ModelDirectory(model.url)
        for _ in 0..<2 {
            #expect(try directory.languageModel.contentHash(stamps) == directory.modelHash())
            #expect(try directory.codec.contentHash(stamps) == directory.codecHash())
        }
        let weights = directory.languageModel.weightsFile
        var bytes = try Data(contentsOf: weights)
        bytes[bytes.count - 1] ^= 1
        try bytes.write(to: weights)
        #expect(try directory.languageModel.contentHash(stamps) == directory.modelHash())
    }
}
