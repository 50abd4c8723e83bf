import Foundation
import Glibc
import TestSupport
import Testing
import VoiceLibrary

@Suite struct KilledProcessTests {
    /// The process dies without a chance to tidy up, between two writes and in the middle of others; what it had told its
    /// callers is there, and nothing keeps the next process out.
    @Test(arguments: [1, 7, 20]) func losesNoVoiceThatWasAcknowledged(acknowledged: Int) async throws {
        let scratch = try ScratchFolder()
        let path = scratch.url.appending(path: "voices.sqlite").path
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [path = path as String, acknowledged = acknowledged as Int] in
            let library = try VoiceLibrary(path: path)
            for number in 0..<acknowledged {
                _ = try await library.add(
                    Sample.voice("voice\(number)", sound: UInt8(number), codes: Sample.encoded(1)))
            }
            for number in 0..<8 {
                Task { _ = try await library.add(Sample.voice("unfinished\(number)", sound: 100 + UInt8(number))) }
            }
            await Task.yield()
            kill(getpid(), SIGKILL)
        }
        // It did not close the library, or the log would be gone.
        #expect(FileManager.default.fileExists(atPath: path + "-wal"))

        let library = try VoiceLibrary(path: path)
        for number in 0..<acknowledged {
            let voice = try await library.voice("voice\(number)")
            #expect(voice.codecHashes == [Sample.codec])
            #expect(try await library.audio(of: voice.id) == Sample.audio(UInt8(number)))
        }
        // Whole or not at all.
        for voice in try await library.voices(search: "unfinished").voices {
            _ = try await library.audio(of: voice.id)
        }
        try library.close()
    }
}
