import TestSupport
import Testing

/// One door a library (Docs/Architecture.md): who wants its powers goes through the room that stands there.
@Suite struct DoorTests {
    struct Door: Sendable, CustomTestStringConvertible {
        let library: String
        /// Folders with files that may import it.
        let rooms: [String]
        var testDescription: String { library }

        init(_ library: String, _ rooms: String...) {
            self.library = library
            self.rooms = rooms
        }
    }

    static let doors = [
        Door("ArgumentParser", "Services"),
        Door("CKernels", "Shared/Compute", "Tests/ComputeTests"),
        Door("COpenBLAS", "Shared/Compute"),
        Door("CSndfile", "Shared/Audio"),
        Door("CSodium", "Shared/Checkpoint", "Shared/VoiceLibrary"),
        Door("CSys", "Shared/Compute", "Shared/Wire"),
        Door("CZeroMQ", "Shared/Wire"),
        Door("GRDB", "Shared/VoiceLibrary"),
        Door("Subprocess", "Shared/Supervision", "Tests/EndToEndTests"),
        Door("SwiftProtobuf", "Shared/Contracts"),
        Door("SystemPackage", "Shared/Supervision", "Tests/EndToEndTests"),
        Door("Yams", "Shared/Checkpoint", "Shared/ServiceKit"),
    ]

    @Test(arguments: doors)
    func `a library is imported behind its door alone`(_ door: Door) throws {
        let imports = try Self.imports(of: door.library, in: Repository.files.filter { $0.hasSuffix(".swift") })
        #expect(!imports.isEmpty, "\(door.library) is imported nowhere: take it out of this list and of Package.swift")
        let elsewhere = imports.filter { found in !door.rooms.contains { found.path.hasPrefix($0 + "/") } }
        #expect(
            elsewhere.isEmpty, "\(elsewhere.told("\(door.library) belongs to \(door.rooms); ask that room instead"))")
    }

    @Test func `every library of the system has its door in the list`() throws {
        let named = try Repository.text("Package.swift").matches(of: #/system\("(\w+)"/#).map { String($0.1) }
        #expect(!named.isEmpty)
        let listed = Set(Self.doors.map(\.library))
        for library in named { #expect(listed.contains(library), "\(library) has no door in DoorTests.doors") }
    }

    /// `LanguageModel` and `SpeechCodec` know neither the wire nor each other; sessions and voices know no socket.
    @Test(arguments: [
        ("LanguageModel", ["Wire", "SpeechCodec", "Contracts", "ServiceKit"]),
        ("SpeechCodec", ["Wire", "LanguageModel", "Contracts", "ServiceKit"]), ("Sessions", ["Wire"]),
        ("VoiceLibrary", ["Wire", "Contracts"]), ("Dialogue", ["Wire", "Contracts"]), ("Audio", ["Wire", "Contracts"]),
    ])
    func `a room does not know what the layers promise that it does not`(_ room: String, _ strangers: [String]) throws {
        let sources = Repository.swift(below: "Shared/\(room)")
        #expect(!sources.isEmpty)
        for stranger in strangers {
            let found = try Self.imports(of: stranger, in: sources)
            #expect(found.isEmpty, "\(found.told("\(room) must not know \(stranger)"))")
        }
    }

    private static func imports(of module: String, in paths: [String]) throws -> [Finding] {
        try Finding.matches(
            of: #"^\s*(@\w+\s+)*(\w+\s+)?import\s+(\w+\s+)?\#(module)\b"#, mentioning: [module], in: paths,
            codeOnly: true)
    }
}
