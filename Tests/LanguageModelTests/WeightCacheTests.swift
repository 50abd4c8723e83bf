import Checkpoint
import Compute
import Foundation
import LanguageModel
import Synchronization
import TestSupport
import Testing

/// Packed weights in files: the same bits as in memory, made once, made again when damaged, and done without where no
/// folder takes them.
@Suite struct WeightCacheTests {
    /// A model with a cache in folders of its own.
    private final class Subject: Sendable {
        let folder: ScratchFolder
        let configuration: LanguageModelConfiguration
        let source: RandomTensors
        private let heard = Mutex<[String]>([])

        init() throws {
            folder = try ScratchFolder()
            // The first and the last layer are in 8 bits even in int4.
            configuration = try SmallModels.configuration(layers: 4)
            source = RandomTensors(configuration, seed: 4)
        }

        /// `/sys` takes no file from anybody.
        static let closed = URL(filePath: "/sys")

        func file(_ precision: WeightPrecision) -> URL {
            folder.url.appending(path: WeightCache.fileName(precision, modelHash: "feed"))
        }

        func weights(
            _ precision: WeightPrecision, threads: Int = 2, folders: [URL]? = nil
        ) throws -> any PackedWeights {
            let cache = WeightCache(folders: folders ?? [folder.url]) { event in
                let word =
                    switch event {
                    case .unusable: "unusable"
                    case .waiting: "waiting"
                    case .making: "making"
                    case .made: "made"
                    case .cannotWrite: "cannot write"
                    case .packingInMemory: "in memory"
                    }
                self.heard.withLock { $0.append(word) }
            }
            return try cache.weights(
                source, configuration, precision, modelHash: "feed", pool: WorkerPool(threads: threads))
        }

        /// What was told since the last call.
        func told() -> [String] {
            heard.withLock { heard in
                defer { heard = [] }
                return heard
            }
        }

        /// All logits of a prompt, as bits.
        func logits(
            _ precision: WeightPrecision, _ packed: (any PackedWeights)?, threads: Int = 2
        ) throws -> [[UInt32]] {
            let model = try LanguageModel(
                source, configuration: configuration, device: CPUDevice(pool: WorkerPool(threads: threads)),
                precision: precision, packed: packed)
            return Forwarding(model, SmallModels.prompt(9, configuration), cuts: [5, 4]).logits
                .map { $0.map(\.bitPattern) }
        }
    }

    @Test(arguments: [WeightPrecision.int8, .int4], [1, 2])
    func theFileGivesTheBitsOfPackingInMemory(_ precision: WeightPrecision, _ threads: Int) throws {
        let subject = try Subject()
        let inMemory = try subject.logits(precision, nil)
        let made = try subject.weights(precision, threads: threads)
        #expect(try subject.logits(precision, made, threads: threads) == inMemory)
        #expect(subject.told() == ["making", "made"])
        let kept = try subject.weights(precision, threads: threads)
        #expect(subject.told() == [])
        #expect(try subject.logits(precision, kept, threads: threads) == inMemory)
    }

    @Test(arguments: [WeightPrecision.int8, .int4])
    func theFilesBytesDependOnTheWeightsAlone(_ precision: WeightPrecision) throws {
        let files = try [1, 2, 3].map { threads in
            let subject = try Subject()
            _ = try subject.weights(precision, threads: threads)
            return try Data(contentsOf: subject.file(precision))
        }
        #expect(files[1] == files[0])
        #expect(files[2] == files[0])
    }

    @Test func precisionsHaveFilesOfTheirOwn() throws {
        let subject = try Subject()
        for precision in [WeightPrecision.int8, .int4, .int8, .int4] { _ = try subject.weights(precision) }
        #expect(subject.told() == ["making", "made", "making", "made"])
    }

    enum Damage: String, CaseIterable, Sendable {
        case truncated, emptied, flippedInTheHeader, flippedInAMatrix, anotherFile, otherLayout
    }

    @Test(arguments: Damage.allCases)
    func aDamagedFileIsMadeAgain(_ damage: Damage) throws {
        let subject = try Subject()
        _ = try subject.weights(.int4)
        let file = subject.file(.int4)
        let sound = try Data(contentsOf: file)
        var bytes = sound
        switch damage {
        case .truncated: bytes = bytes.prefix(bytes.count - 64)
        case .emptied: bytes = Data()
        case .flippedInTheHeader: bytes[200] ^= 1
        case .flippedInAMatrix: bytes[bytes.count / 2] ^= 1
        case .anotherFile: bytes = Data("something else altogether".utf8)
        case .otherLayout:
            // Sound, of the same weights and precision, but laid out by another version.
            let old = try PackedFile(file)
            let title = PackedFile.Title(
                modelHash: old.title.modelHash, precision: old.title.precision,
                layoutVersion: old.title.layoutVersion + 1)
            try PackedFileWriter.write(title, old.matrices, to: file) { matrix, append in
                try #require(old.bytes(of: matrix.name)).withBytes { try append($0) }
            }
            bytes = try Data(contentsOf: file)
        }
        #expect(bytes != sound)
        try bytes.write(to: file)
        _ = subject.told()
        let again = try subject.weights(.int4)
        #expect(subject.told().filter { $0 != "unusable" } == ["making", "made"])
        #expect(try Data(contentsOf: file) == sound)
        #expect(try subject.logits(.int4, again) == subject.logits(.int4, nil))
    }

    @Test func aFolderThatTakesNoFileLeavesItToTheNext() throws {
        let subject = try Subject()
        _ = try subject.weights(.int8, folders: [Subject.closed, subject.folder.url.appending(path: "cache")])
        #expect(subject.told().filter { $0 != "making" } == ["cannot write", "made"])
        // Found there without trying the first again.
        _ = try subject.weights(.int8, folders: [Subject.closed, subject.folder.url.appending(path: "cache")])
        #expect(subject.told() == [])
    }

    @Test func aFolderOfAnotherUserLeavesItToTheNext() throws {
        let subject = try Subject()
        let closed = subject.folder.url.appending(path: "closed")
        try FileManager.default.createDirectory(
            at: closed, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o555])
        // Nothing is closed to the superuser, who then makes the file here.
        let expected = geteuid() == 0 ? ["making", "made"] : ["cannot write", "making", "made"]
        _ = try subject.weights(.int8, folders: [closed, subject.folder.url])
        #expect(subject.told() == expected)
    }

    @Test func whereNoFolderTakesAFileWeightsArePackedInMemory() throws {
        let subject = try Subject()
        let packed = try subject.weights(.int4, folders: [Subject.closed, URL(filePath: "/proc")])
        #expect(packed is PackingInMemory)
        #expect(subject.told().last == "in memory")
        #expect(try subject.logits(.int4, packed) == subject.logits(.int4, nil))
    }

    @Test func whatAKilledProcessLeftIsRemoved() throws {
        let subject = try Subject()
        let file = subject.file(.int4)
        let draft = URL(filePath: file.path + ".1-2" + PackedFileWriter.draftEnding)
        let stranger = subject.folder.url.appending(path: "other.part")
        for left in [draft, stranger] { try Data("half".utf8).write(to: left) }
        _ = try subject.weights(.int4)
        #expect(!FileManager.default.fileExists(atPath: draft.path))
        #expect(FileManager.default.fileExists(atPath: stranger.path))
    }

    @Test func manyAtOnceMakeOneFileAndAgree() async throws {
        let subject = try Subject()
        let all = try await withThrowingTaskGroup(of: [[UInt32]].self) { group in
            for _ in 0..<4 {
                group.addTask { try subject.logits(.int4, subject.weights(.int4, threads: 1), threads: 1) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(all).count == 1)
        let told = subject.told()
        #expect(told.filter { $0 == "made" }.count == 1)
        #expect(!told.contains("unusable"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: subject.folder.url.path).count == 1)
    }

    @Test func aTensorThatIsMissingOrBrokenIsTheModelsFault() throws {
        let subject = try Subject()
        let other = try SmallModels.configuration(vocabulary: 400, layers: 4)
        #expect(throws: CheckpointError.self) {
            try WeightCache(folders: [subject.folder.url]).weights(
                subject.source, other, .int4, modelHash: "feed", pool: WorkerPool(threads: 1))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: subject.folder.url.path).isEmpty)
    }

    @Test func roundingErrorsAreThoseOfTheBits() throws {
        let subject = try Subject()
        let pool = WorkerPool(threads: 2)
        for (precision, layers) in [(WeightPrecision.int8, 0.001...0.01), (.int4, 0.02...0.12)] {
            let errors = try RoundingErrors(
                subject.weights(precision), subject.source, subject.configuration, precision, pool: pool)
            // Layers in two precisions, and a head in two.
            let more = precision == .int8 ? 0 : 7 + 1
            #expect(errors.kinds.count == 7 + more + subject.configuration.channels)
            for kind in errors.kinds {
                let expected = kind.bits == 8 ? 0.001...0.01 : layers
                #expect(expected.contains(kind.relativeError), "\(precision) \(kind.name) \(kind.relativeError)")
            }
        }
    }
}
