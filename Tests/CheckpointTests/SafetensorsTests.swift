import Checkpoint
import Foundation
import TestSupport
import Testing

/// A file that must be refused, and how.
struct Malformed: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]
    let kind: CheckpointError.Kind
    let subject: String?

    init(_ what: String, _ kind: CheckpointError.Kind, subject: String? = nil, _ bytes: [UInt8]) {
        testDescription = what
        self.bytes = bytes
        self.kind = kind
        self.subject = subject
    }

    /// The file's error, which must name the file and, where one is to blame, the tensor.
    func expectRefusal(as name: String, _ open: (URL) throws -> Void) throws {
        let scratch = try ScratchFolder()
        let url = scratch.url.appending(path: name)
        try Data(bytes).write(to: url)
        let error = try #require(throws: CheckpointError.self) { try open(url) }
        #expect(error.kind == kind, "\(error)")
        #expect(error.file == url.path)
        #expect(error.subject == subject, "\(error)")
        #expect(!error.reason.isEmpty)
    }
}

@Suite struct SafetensorsTests {
    private typealias Entry = SafetensorsBytes.Entry

    static let malformed: [Malformed] = [
        Malformed("empty", .truncated, []),
        Malformed("seven bytes", .truncated, [2, 0, 0, 0, 0, 0, 0]),
        Malformed("Git LFS pointer", .unsupported, Array("version https://git-lfs.github.com/spec/v1\n".utf8)),
        Malformed("absurd header length", .tooLarge, SafetensorsBytes.file(header: "{}", length: .max)),
        Malformed("header longer than the file", .truncated, SafetensorsBytes.file(header: "{}", length: 3)),
        Malformed("header that is no JSON", .malformed, SafetensorsBytes.file(header: "{\"a\"")),
        Malformed("header that is a list", .malformed, SafetensorsBytes.file(header: "[]")),
        Malformed(
            "header nested without end", .malformed,
            SafetensorsBytes.file(header: String(repeating: "[", count: 100_000))),
        Malformed("entry that is a number", .malformed, subject: "a", SafetensorsBytes.file(header: "{\"a\":1}")),
        Malformed(
            "entry without a shape", .malformed, subject: "a",
            SafetensorsBytes.file(header: "{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,0]}}")),
        Malformed(
            "entry without offsets", .malformed, subject: "a",
            SafetensorsBytes.file(header: "{\"a\":{\"dtype\":\"F32\",\"shape\":[0]}}")),
        Malformed(
            "name that stands twice", .duplicate, subject: "a",
            SafetensorsBytes.file(
                [Entry(name: "a", shape: [1], offsets: [0, 4]), Entry(name: "a", shape: [1], offsets: [4, 8])],
                data: [UInt8](repeating: 0, count: 8))),
        Malformed(
            "unknown element type", .unsupported, subject: "a",
            SafetensorsBytes.file([Entry(name: "a", type: "F8_E4M3", shape: [1], offsets: [0, 1])], data: [0])),
        Malformed(
            "negative dimension", .malformed, subject: "a",
            SafetensorsBytes.file([Entry(name: "a", shape: [-1, -1], offsets: [0, 4])], data: [0, 0, 0, 0])),
        Malformed(
            "shape that overflows", .malformed, subject: "a",
            SafetensorsBytes.file(
                [Entry(name: "a", shape: [1 << 40, 1 << 40], offsets: [0, 4])], data: [0, 0, 0, 0])),
        Malformed(
            "shape that overflows behind a zero", .malformed, subject: "a",
            SafetensorsBytes.file([Entry(name: "a", shape: [0, 1 << 40, 1 << 40], offsets: [0, 0])], data: [])),
        Malformed(
            "too many dimensions", .malformed, subject: "a",
            SafetensorsBytes.file(
                [Entry(name: "a", shape: [Int](repeating: 1, count: 9), offsets: [0, 4])], data: [0, 0, 0, 0])),
        Malformed(
            "offsets the wrong way round", .outOfRange, subject: "a",
            SafetensorsBytes.file([Entry(name: "a", shape: [1], offsets: [4, 0])], data: [0, 0, 0, 0])),
        Malformed(
            "negative offsets", .outOfRange, subject: "a",
            SafetensorsBytes.file([Entry(name: "a", shape: [1], offsets: [-4, 0])], data: [0, 0, 0, 0])),
        Malformed(
            "offsets behind the end", .outOfRange, subject: "a",
            SafetensorsBytes.file([Entry(name: "a", shape: [2], offsets: [0, 8])], data: [0, 0, 0, 0])),
        Malformed(
            "offsets at the edge of numbers", .outOfRange, subject: "a",
            SafetensorsBytes.file(
                [Entry(name: "a", shape: [1], offsets: [.max - 4, .max])], data: [0, 0, 0, 0])),
        Malformed(
            "shape that is not the bytes", .wrongShape, subject: "a",
            SafetensorsBytes.file([Entry(name: "a", shape: [2], offsets: [0, 4])], data: [0, 0, 0, 0])),
        Malformed(
            "type that is not the bytes", .wrongShape, subject: "a",
            SafetensorsBytes.file([Entry(name: "a", type: "BF16", shape: [1], offsets: [0, 4])], data: [0, 0, 0, 0])),
        Malformed(
            "overlap", .outOfRange, subject: "b",
            SafetensorsBytes.file(
                [Entry(name: "a", shape: [2], offsets: [0, 8]), Entry(name: "b", shape: [1], offsets: [4, 8])],
                data: [UInt8](repeating: 0, count: 8))),
        Malformed(
            "gap", .outOfRange, subject: "b",
            SafetensorsBytes.file(
                [Entry(name: "a", shape: [1], offsets: [0, 4]), Entry(name: "b", shape: [1], offsets: [8, 12])],
                data: [UInt8](repeating: 0, count: 12))),
        Malformed(
            "bytes behind the last tensor", .outOfRange,
            SafetensorsBytes.file(
                [Entry(name: "a", shape: [1], offsets: [0, 4])], data: [UInt8](repeating: 0, count: 5))),
    ]

    @Test(arguments: malformed) func refusesAMalformedFile(_ file: Malformed) throws {
        try file.expectRefusal(as: "model.safetensors") { _ = try SafetensorsFile($0) }
    }

    @Test func refusesAFileThatIsNotThereOrNoFile() throws {
        let scratch = try ScratchFolder()
        for url in [scratch.url, scratch.url.appending(path: "nothing.safetensors")] {
            let error = try #require(throws: CheckpointError.self) { try SafetensorsFile(url) }
            #expect(error.kind == .unreadable)
        }
    }

    /// Cut anywhere, a file must be refused: never read short.
    @Test func refusesAFileCutAnywhere() throws {
        let whole = SafetensorsBytes.sound([("a", [2, 3]), ("b", []), ("c", [0, 5])])
        for count in whole.indices { #expect(!CheckpointFuzz.safetensors(Array(whole.prefix(count))), "\(count)") }
        #expect(CheckpointFuzz.safetensors(whole))
    }

    /// Every type, widened where it holds numbers; also where the header leaves the data unaligned.
    @Test(arguments: 0..<8) func readsEveryElementTypeAtAnyAlignment(padding: Int) throws {
        let values: [(type: String, bytes: [UInt8], floats: [Float]?)] = [
            ("F64", littleEndian(Double(-2.5).bitPattern), [-2.5]),
            ("F32", littleEndian(Float(0.1).bitPattern), [0.1]),
            ("F16", littleEndian(Float16(1.5).bitPattern), [1.5]),
            ("BF16", littleEndian(UInt16(0xBFC0)), [-1.5]),
            ("I64", littleEndian(Int64(-7)), nil),
            ("I32", littleEndian(Int32(7)), nil),
            ("I16", littleEndian(Int16(7)), nil),
            ("I8", [7], nil),
            ("U8", [7], nil),
            ("BOOL", [1], [1]),
        ]
        var entries: [Entry] = []
        var data: [UInt8] = []
        for (type, bytes, _) in values {
            entries.append(Entry(name: type, type: type, shape: [1], offsets: [data.count, data.count + bytes.count]))
            data += bytes
        }
        entries.append(
            Entry(name: String(repeating: "x", count: padding), shape: [0], offsets: [data.count, data.count]))
        let scratch = try ScratchFolder()
        let url = scratch.url.appending(path: "a.safetensors")
        try Data(SafetensorsBytes.file(entries, data: data)).write(to: url)
        let file = try SafetensorsFile(url)
        for (type, bytes, floats) in values {
            let tensor = try file.tensor(type)
            #expect(tensor.withBytes { Array($0) } == bytes)
            tensor.withBytes { #expect(Int(bitPattern: $0.baseAddress) % tensor.scalarType.size == 0) }
            if let floats {
                #expect(try tensor.floats() == floats)
            } else {
                #expect(throws: CheckpointError.self) { try tensor.floats() }
            }
        }
    }

    @Test func namesWhatALoaderMisses() throws {
        let scratch = try ScratchFolder()
        let url = scratch.url.appending(path: "a.safetensors")
        try Data(SafetensorsBytes.sound([("a", [2, 3])])).write(to: url)
        let file = try SafetensorsFile(url)
        #expect(try file.requireFloats("a", shape: [2, 3]) == [1, 2, 3, 4, 5, 6])
        let absent = try #require(throws: CheckpointError.self) { try file.tensor("b") }
        #expect(absent.kind == .missing && absent.subject == "b" && absent.file == url.path)
        let other = try #require(throws: CheckpointError.self) { try file.requireTensor("a", shape: [3, 2]) }
        #expect(other.kind == .wrongShape && other.subject == "a" && other.file == url.path)
    }
}
