import Foundation
import TestSupport
import Testing
import VoiceLibrary

@Suite struct LibraryFileTests {
    /// What is acknowledged must survive a power cut; GRDB's own setting would not do.
    @Test func syncsEveryWriteBeforeItIsAcknowledged() async throws {
        let fixture = try LibraryFixture()
        #expect(try await fixture.library.syncLevel() == 2)
    }

    @Test func waitsForOneThatOpensItAndNamesThatHolder() throws {
        let fixture = try LibraryFixture()
        try fixture.library.close()
        let descriptor = open(fixture.path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        try #require(descriptor >= 0 && flock(descriptor, LOCK_EX) == 0)
        #expect(pwrite(descriptor, "4711", 4, 0) == 4)
        let expected = VoiceLibraryError.inUse(path: fixture.path, process: 4711)
        #expect(throws: expected) { try VoiceLibrary(path: fixture.path, openWait: .zero) }
        // Being refused must not have taken the lock from its holder.
        #expect(throws: expected) { try VoiceLibrary(path: fixture.path, openWait: .milliseconds(30)) }
        close(descriptor)
        try VoiceLibrary(path: fixture.path, openWait: .zero).close()
    }

    @Test func leavesOneFileAndNoLockBehind() async throws {
        let fixture = try LibraryFixture()
        _ = try await fixture.library.add(Sample.voice("a"))
        try fixture.library.close()
        #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.scratch.url.path) == ["voices.sqlite"])
    }

    /// A killed process leaves the file of its lock, and must not lock anybody out.
    @Test func ignoresALockFileThatNobodyHolds() throws {
        let fixture = try LibraryFixture()
        try fixture.library.close()
        try Data("1\n".utf8).write(to: URL(filePath: fixture.path + ".lock"))
        try VoiceLibrary(path: fixture.path).close()
    }

    @Test func isForItsOwnerAlone() throws {
        let scratch = try ScratchFolder()
        let path = scratch.url.appending(path: "made/on/demand/voices.sqlite").path
        let library = try VoiceLibrary(path: path)
        for name in ["", "-wal", "-shm"] {
            let mode = try FileManager.default.attributesOfItem(atPath: path + name)[.posixPermissions] as? Int
            #expect(mode == 0o600, "\(name)")
        }
        let folder = scratch.url.appending(path: "made/on/demand").path
        #expect(try FileManager.default.attributesOfItem(atPath: folder)[.posixPermissions] as? Int == 0o700)
        try library.close()
    }

    @Test func saysThatItIsClosed() async throws {
        let fixture = try LibraryFixture()
        try fixture.library.close()
        await #expect(throws: VoiceLibraryError.closed(path: fixture.path)) { try await fixture.library.voices() }
        await #expect(throws: VoiceLibraryError.closed(path: fixture.path)) {
            try await fixture.library.add(Sample.voice("a"))
        }
    }

    @Test func writesNothingForATaskThatWasCancelled() async throws {
        let fixture = try LibraryFixture()
        let library = fixture.library
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            _ = try await library.add(Sample.voice("a"))
        }
        await #expect(throws: VoiceLibraryError.cancelled) { try await task.value }
        #expect(try await fixture.everyVoice().isEmpty)
    }

    /// Readers see one state each, whatever is written meanwhile: the two voices always hold the same sound.
    @Test func letsReadersSeeWholeTransactionsBesideAWriter() async throws {
        let fixture = try LibraryFixture()
        _ = try await fixture.library.offerDemoSpeakers([Sample.voice("a"), Sample.voice("b")])
        let library = fixture.library
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for sound in UInt8(2)...20 {
                    _ = try await library.offerDemoSpeakers([
                        Sample.voice("a", sound: sound), Sample.voice("b", sound: sound),
                    ])
                }
            }
            for _ in 0..<3 {
                group.addTask {
                    for _ in 0..<30 {
                        let voices = try await library.voices().voices
                        #expect(voices.count == 2)
                        #expect(Set(voices.map(\.audioHash)).count == 1)
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
