import Checkpoint
import Foundation
import TestSupport
import Testing

@Suite struct TorchArchiveTests {
    private typealias Tensor = TorchBytes.Tensor
    private static let six = (1...6).flatMap { littleEndian(Float($0).bitPattern) }

    /// One tensor "t" of a storage of 1...6.
    private static func archive(
        shape: [Int] = [2, 3], strides: [Int] = [3, 1], offset: Int = 0, count: Int = 6, type: String = "FloatStorage",
        isParameter: Bool = false, nesting: String? = nil, storages: [(String, [UInt8])] = [("0", six)],
        tail: [UInt8] = []
    ) -> TorchBytes {
        TorchBytes(
            tensors: [
                Tensor(
                    name: "t", storageType: type, count: count, offset: offset, shape: shape, strides: strides,
                    isParameter: isParameter)
            ],
            nesting: nesting, storages: storages.map { (key: $0.0, bytes: $0.1) }, tail: tail)
    }

    private static func zip(_ change: (inout ZipBytes) -> Void) -> [UInt8] {
        var zip = archive().zip()
        change(&zip)
        return zip.bytes()
    }

    private static func pickle(_ pickle: [UInt8]) -> [UInt8] {
        zip { $0.entries[0].data = pickle }
    }

    private static let os = Array("\u{02}cos\nsystem\nX\u{04}\u{00}\u{00}\u{00}trueRX.".utf8)

    static let malformed: [Malformed] = [
        Malformed("empty", .malformed, []),
        Malformed("text", .malformed, Array("not a checkpoint".utf8)),
        Malformed("bare pickle of old", .unsupported, [0x80, 2] + [UInt8](repeating: 0x8A, count: 40)),
        Malformed("safetensors under this name", .unsupported, SafetensorsBytes.sound([("a", [1])])),
        Malformed("Git LFS pointer", .unsupported, Array("version https://git-lfs.github.com/spec/v1\n".utf8)),
        Malformed("cut short", .truncated, Array(archive().bytes().dropLast(30))),
        Malformed("no pickle", .malformed, zip { $0.entries.removeFirst() }),
        Malformed("two pickles", .malformed, zip { $0.entries.append(.init(name: "b/data.pkl", data: [])) }),
        Malformed(
            "TorchScript", .unsupported, zip { $0.entries.append(.init(name: "archive/constants.pkl", data: [])) }),
        Malformed("big-endian", .unsupported, zip { $0.entries[1].data = Array("big".utf8) }),
        Malformed("compressed entry", .unsupported, subject: "archive/data/0", zip { $0.entries[2].method = 8 }),
        Malformed("encrypted entry", .unsupported, subject: "archive/data/0", zip { $0.entries[2].flags = 1 }),
        Malformed(
            "entry beyond the end", .outOfRange, subject: "archive/data/0", zip { $0.entries[2].size = 1 << 30 }),
        Malformed(
            "header beyond the end", .outOfRange, subject: "archive/data/0", zip { $0.entries[2].header = 1 << 30 }),
        Malformed(
            "entries over one another", .outOfRange, subject: "archive/data/9",
            zip {
                var copy = $0.entries[2]
                copy.name = "archive/data/9"
                copy.ownName = "archive/data/9"
                copy.header = nil
                $0.entries.append(copy)
                // The directory lets the first of the two reach over the second.
                $0.entries[2].size = 60
            }),
        Malformed(
            "entry twice", .duplicate, subject: "archive/data/0", zip { $0.entries.append($0.entries[2]) }),
        Malformed(
            "entry under two names", .malformed, subject: "archive/data/0",
            zip { $0.entries[2].ownName = "archive/data/1" }),
        Malformed("directory beyond the end", .outOfRange, zip { $0.directoryStart = 1 << 30 }),
        Malformed("directory of another size", .malformed, zip { $0.count = 1 }),
        Malformed("more entries than the directory has", .truncated, zip { $0.count = 9 }),
        Malformed(
            "storage that is not there", .missing, subject: "t", archive(storages: []).bytes()),
        Malformed(
            "storage cut short", .truncated, subject: "t",
            archive(storages: [("0", Array(six.dropLast()))]).bytes()),
        Malformed("storage of another type", .truncated, subject: "t", archive(type: "HalfStorage").bytes()),
        Malformed("unknown storage type", .unsupported, archive(type: "ComplexStorage").bytes()),
        Malformed("offset behind the storage", .outOfRange, subject: "t", archive(offset: 1).bytes()),
        Malformed("negative offset", .outOfRange, subject: "t", archive(offset: -1).bytes()),
        Malformed("shape behind the storage", .outOfRange, subject: "t", archive(shape: [3, 3]).bytes()),
        Malformed("stride behind the storage", .outOfRange, subject: "t", archive(strides: [4, 1]).bytes()),
        Malformed("negative stride", .malformed, subject: "t", archive(strides: [-3, 1], offset: 3).bytes()),
        Malformed("negative dimension", .malformed, subject: "t", archive(shape: [-2, 3]).bytes()),
        Malformed("strides of another rank", .malformed, subject: "t", archive(strides: [1]).bytes()),
        Malformed(
            "shape that overflows", .malformed, subject: "t",
            archive(shape: [1 << 40, 1 << 40], strides: [1 << 40, 1]).bytes()),
        Malformed(
            "stride that overflows", .malformed, subject: "t",
            archive(shape: [3, 2], strides: [.max, .max]).bytes()),
        Malformed(
            "terabytes made of one number", .tooLarge, subject: "t",
            archive(shape: [1 << 20, 1 << 20], strides: [0, 0]).bytes()),
        Malformed("negative storage", .malformed, archive(count: -6).bytes()),
        Malformed("storage that overflows", .truncated, subject: "t", archive(count: .max).bytes()),
        Malformed(
            "something that is no tensor", .malformed, subject: "epoch",
            archive(tail: TorchBytes.Pickle.text("epoch") + TorchBytes.Pickle.integer(3) + Array("s".utf8)).bytes()),
        Malformed(
            "tensor twice", .duplicate, subject: "t",
            TorchBytes(tensors: archive().tensors + archive().tensors, storages: archive().storages).bytes()),
        Malformed("no tensors", .missing, TorchBytes(tensors: [], storages: []).bytes()),
        Malformed("program", .unsupported, pickle([0x80] + os)),
        Malformed("unknown opcode", .unsupported, pickle([0x80, 2, 0x28, 0x69])),
        Malformed("protocol of the future", .malformed, pickle([0x80, 9, 0x7D, 0x2E])),
        Malformed("pickle without an end", .truncated, pickle([0x80, 2, 0x7D])),
        Malformed("pickle that is a number", .malformed, pickle([0x80, 2, 0x4B, 1, 0x2E])),
        Malformed("empty stack", .malformed, pickle([0x80, 2, 0x2E])),
        Malformed("tuple from nothing", .malformed, pickle([0x80, 2, 0x86, 0x2E])),
        Malformed("no mark", .malformed, pickle([0x80, 2, 0x75, 0x2E])),
        Malformed("call of a dictionary", .malformed, pickle([0x80, 2, 0x7D, 0x29, 0x52, 0x2E])),
        Malformed("value never kept", .malformed, pickle([0x80, 2, 0x68, 7, 0x2E])),
        Malformed("text longer than the file", .truncated, pickle([0x80, 2, 0x58, 0xFF, 0xFF, 0xFF, 0x7F])),
        Malformed("text that is not UTF-8", .malformed, pickle([0x80, 2, 0x8C, 1, 0xFF])),
        Malformed(
            "a million lists", .tooLarge, pickle([0x80, 2] + [UInt8](repeating: 0x5D, count: 1_000_002) + [0x2E])),
        Malformed(
            "more pickle than any model has", .tooLarge, subject: "archive/data.pkl",
            pickle([UInt8](repeating: 0x4E, count: 5 << 20))),
    ]

    @Test(arguments: malformed) func refusesAMalformedArchive(_ file: Malformed) throws {
        try file.expectRefusal(as: "model.ckpt") { _ = try TorchArchive($0) }
    }

    private func floats(_ archive: TorchBytes) throws -> [Float] {
        let scratch = try ScratchFolder()
        let url = scratch.url.appending(path: "model.ckpt")
        try Data(archive.bytes()).write(to: url)
        return try TorchArchive(url).tensor("t").floats()
    }

    @Test func readsTheFormsThatTorchSaves() throws {
        #expect(try floats(Self.archive()) == [1, 2, 3, 4, 5, 6])
        #expect(try floats(Self.archive(isParameter: true)) == [1, 2, 3, 4, 5, 6])
        #expect(try floats(Self.archive(nesting: "generator")) == [1, 2, 3, 4, 5, 6])
        #expect(try floats(Self.archive(shape: [2], strides: [1], offset: 3)) == [4, 5])
        #expect(try floats(Self.archive(shape: [], strides: [], offset: 5)) == [6])
        #expect(try floats(Self.archive(shape: [0, 7], strides: [7, 1], offset: 6)) == [])
        #expect(try floats(Self.archive(shape: [1, 6, 1], strides: [99, 1, 99])) == [1, 2, 3, 4, 5, 6])
    }

    /// A transposed or strided view comes out in the order of its own indices.
    @Test func putsViewsInOrder() throws {
        #expect(try floats(Self.archive(shape: [3, 2], strides: [1, 3])) == [1, 4, 2, 5, 3, 6])
        #expect(try floats(Self.archive(shape: [3], strides: [2], offset: 1)) == [2, 4, 6])
        #expect(try floats(Self.archive(shape: [2, 2], strides: [0, 3])) == [1, 4, 1, 4])
        #expect(try floats(Self.archive(shape: [3, 2], strides: [0, 1], offset: 2)) == [3, 4, 3, 4, 3, 4])
    }

    @Test func readsTwoTensorsOfOneStorage() throws {
        var archive = Self.archive(shape: [3], strides: [1])
        archive.tensors.append(Tensor(name: "u", count: 6, offset: 2, shape: [4], strides: [1]))
        let scratch = try ScratchFolder()
        let url = scratch.url.appending(path: "model.ckpt")
        try Data(archive.bytes()).write(to: url)
        let file = try TorchArchive(url)
        #expect(file.names == ["t", "u"])
        #expect(try file.tensor("u").floats() == [3, 4, 5, 6])
    }

    @Test func readsTheWideDirectoryOfALargeArchive() throws {
        let wide = Self.zip { $0.isWide = true }
        #expect(CheckpointFuzz.torchArchive(wide))
        #expect(!CheckpointFuzz.torchArchive(Array(wide.dropFirst())))
    }

    @Test func refusesAnArchiveCutAnywhere() {
        let whole = Self.archive().bytes()
        for count in whole.indices { #expect(!CheckpointFuzz.torchArchive(Array(whole.prefix(count))), "\(count)") }
        #expect(CheckpointFuzz.torchArchive(whole))
    }

    /// The message of an old file must say how to make a new one of it.
    @Test func saysHowToMendAnOldFile() throws {
        let scratch = try ScratchFolder()
        let url = scratch.url.appending(path: "old.ckpt")
        try Data([0x80, 2, 0x8A, 10]).write(to: url)
        let error = try #require(throws: CheckpointError.self) { try TorchArchive(url) }
        #expect(error.remedy?.contains("torch.save") == true)
    }
}
