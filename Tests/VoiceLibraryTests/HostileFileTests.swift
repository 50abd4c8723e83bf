import Foundation
import TestSupport
import Testing
import VoiceLibrary

/// Files that are no sound library end in a typed error that says how to mend it, and are left as they are.
@Suite struct HostileFileTests {
    @Test(arguments: ["text", "short", "zeros", "magic only", "other program", "almost SQLite"])
    func leavesWhatIsNoLibraryAsItIs(kind: String) async throws {
        let library = try await StoredLibrary()
        var bytes = library.bytes
        switch kind {
        case "text": bytes = Array(repeating: UInt8(ascii: "x"), count: 5000)
        case "short": bytes = [1]
        case "zeros": bytes = Array(repeating: 0, count: 8192)
        case "magic only": bytes = Array(bytes.prefix(16))
        case "other program": bytes.replaceSubrange(68..<72, with: [0, 0, 0, 0])
        default: bytes[0] ^= 1
        }
        try library.write(bytes)
        let error = #expect(throws: VoiceLibraryError.self) { try VoiceLibrary(path: library.path) }
        guard case .notALibrary(library.path, _) = error else {
            Issue.record("\(String(describing: error)) is another error")
            return
        }
        #expect(try library.readBack() == bytes)
        #expect(error?.description.contains("--database") == true)
        #expect(try library.folderNames() == ["voices.sqlite"])
    }

    @Test func namesTheMigrationsOfANewerVersion() async throws {
        let library = try await StoredLibrary()
        try library.write(library.bytes.replacing(Array("001-voices".utf8), with: Array("901-voices".utf8)))
        #expect(
            throws: VoiceLibraryError.newerLibrary(path: library.path, migrations: ["901-voices-and-casts"])
        ) { try VoiceLibrary(path: library.path) }
        // The version that wrote it still finds everything.
        try library.write(try library.readBack().replacing(Array("901-voices".utf8), with: Array("001-voices".utf8)))
        try VoiceLibrary(path: library.path).close()
    }

    @Test(arguments: [
        ("name_key TEXT NOT NULL UNIQUE", "name_key TEXT NOT NULL       "),
        ("content BLOB NOT NULL\n) STRICT", "content BLOB NOT NULL\n)       "),
        ("CREATE TABLE demo_speaker", "CREATE TABLE demo_talkers"),
    ]) func refusesTablesThatAreNotOurs(ours: String, theirs: String) async throws {
        let library = try await StoredLibrary()
        let changed = library.bytes.replacing(Array(ours.utf8), with: Array(theirs.utf8))
        try #require(changed != library.bytes)
        try library.write(changed)
        let error = #expect(throws: VoiceLibraryError.self) { try VoiceLibrary(path: library.path) }
        guard case .damaged(library.path, _) = error else {
            Issue.record("\(String(describing: error)) is another error")
            return
        }
        #expect(error?.description.contains("backup") == true)
    }

    @Test func tellsWhenSoundIsNotWhatWasStored() async throws {
        let library = try await StoredLibrary()
        let piece = Array(Sample.audio(1).prefix(1000))
        let changed = library.bytes.replacing(piece, with: piece.dropLast() + [piece[999] ^ 1])
        try #require(changed != library.bytes)
        try library.write(changed)
        let opened = try VoiceLibrary(path: library.path)
        let error = await #expect(throws: VoiceLibraryError.self) { try await opened.audio(of: "anna") }
        guard case .damaged(library.path, _) = error else {
            Issue.record("\(String(describing: error)) is another error")
            return
        }
        // The rest of the library goes on.
        #expect(try await opened.audio(of: "ben") == Sample.audio(2))
        try opened.close()
    }

    @Test func saysWhatItCannotOpen() throws {
        let scratch = try ScratchFolder()
        let file = scratch.url.appending(path: "file")
        try Data([1]).write(to: file)
        for path in [scratch.url.path, file.path + "/voices.sqlite"] {
            let error = #expect(throws: VoiceLibraryError.self) { try VoiceLibrary(path: path) }
            guard case .inaccessible = error else {
                Issue.record("\(String(describing: error)) is another error")
                return
            }
        }
    }

    /// Whatever a disk does to the file: a typed error or the truth, never a crash.
    @Test(arguments: UInt64(1)...40) func survivesAnyDamage(seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let library = try await StoredLibrary()
        var bytes = library.bytes
        switch seed % 4 {
        case 0: bytes.removeLast(Int.random(in: 1..<bytes.count, using: &random))
        case 1:
            let start = Int.random(in: 0..<bytes.count - 600, using: &random)
            for index in start..<start + 600 { bytes[index] = UInt8.random(in: .min ... .max, using: &random) }
        default:
            for _ in 0..<40 {
                // Most of what SQLite believes stands at the beginnings of pages.
                let page = Int.random(in: 0..<bytes.count / 4096, using: &random) * 4096
                bytes[page + Int.random(in: 0..<64, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
            }
        }
        try library.write(bytes)
        do {
            let opened = try VoiceLibrary(path: library.path)
            let voices = try await opened.voices().voices
            for voice in voices { _ = try await opened.audio(of: voice.id) }
            _ = try await opened.prompts(of: ["anna", "ben"], codecHash: Sample.codec, silenceSeconds: 0)
            _ = try await opened.add(Sample.voice("new", sound: 9))
            try opened.close()
        } catch {
            switch error {
            case .damaged, .notALibrary, .newerLibrary, .notFound, .inaccessible, .storage: break
            default: Issue.record("seed \(seed): \(error) is not about the file")
            }
        }
    }
}

/// The file of a closed library with a few voices, to be damaged.
private struct StoredLibrary {
    let scratch: ScratchFolder
    let path: String
    let bytes: [UInt8]

    init() async throws {
        scratch = try ScratchFolder()
        path = scratch.url.appending(path: "voices.sqlite").path
        let library = try VoiceLibrary(path: path, now: StepClock().now)
        _ = try await library.add(Sample.voice("anna", sound: 1, codes: Sample.encoded(1)))
        _ = try await library.add(Sample.voice("ben", sound: 2))
        let cast = try await library.prompts(of: ["anna", "ben"], codecHash: Sample.codec, silenceSeconds: 0)
        try await library.store(CastCodes(joined: Sample.codes(3)), key: cast.key, codecHash: Sample.codec)
        try library.close()
        bytes = try [UInt8](Data(contentsOf: URL(filePath: path)))
    }

    func write(_ bytes: [UInt8]) throws { try Data(bytes).write(to: URL(filePath: path)) }

    func readBack() throws -> [UInt8] { try [UInt8](Data(contentsOf: URL(filePath: path))) }

    func folderNames() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: scratch.url.path) }
}
