import Foundation
import Synchronization
import TestSupport
import Tokens
import VoiceLibrary

/// A library in a folder of its own, which can be closed and opened again.
final class LibraryFixture {
    let scratch: ScratchFolder
    let clock = StepClock()
    let limits: LibraryLimits
    private(set) var library: VoiceLibrary

    var path: String { library.path }

    init(limits: LibraryLimits = LibraryLimits()) throws {
        scratch = try ScratchFolder()
        self.limits = limits
        library = try VoiceLibrary(
            path: scratch.url.appending(path: "voices.sqlite").path, limits: limits, now: clock.now)
    }

    func reopen() throws {
        try library.close()
        library = try VoiceLibrary(path: path, limits: limits, now: clock.now)
    }

    /// All voices, page by page.
    func everyVoice(pageSize: Int? = nil, search: String = "") async throws -> [Voice] {
        var voices: [Voice] = []
        var after: String?
        repeat {
            let page = try await library.voices(count: pageSize, after: after, search: search)
            voices += page.voices
            after = page.next
        } while after != nil
        return voices
    }
}

/// A clock that is a second later each time it is asked.
final class StepClock: Sendable {
    private let seconds = Mutex(0)

    var now: @Sendable () -> Date {
        { [self] in
            seconds.withLock {
                $0 += 1
                return Date(timeIntervalSince1970: 1_700_000_000 + Double($0))
            }
        }
    }
}

enum Sample {
    static let codec = String(repeating: "c0", count: 32)
    static let otherCodec = String(repeating: "d1", count: 32)

    static func voice(
        _ name: String, transcript: String = "Good morning.", language: String = "en", sound: UInt8 = 1,
        codes: EncodedPrompt? = nil
    ) -> NewVoice {
        NewVoice(
            name: name, transcript: transcript, language: language, audio: audio(sound), durationSeconds: 4.5,
            sampleRate: 24_000, codes: codes)
    }

    /// What is a sound to the library: any bytes.
    static func audio(_ sound: UInt8) -> [UInt8] { (0..<2000).map { UInt8(truncatingIfNeeded: $0) ^ sound } }

    static func codes(_ seed: UInt16, frames: Int = 5, codebooks: Int = 3) -> CodeMatrix {
        CodeMatrix(
            codebooks: codebooks, codes: (0..<frames * codebooks).map { UInt16(truncatingIfNeeded: $0) &* 257 &+ seed })
    }

    static func encoded(_ seed: UInt16, codec: String = codec) -> EncodedPrompt {
        EncodedPrompt(codecHash: codec, codes: codes(seed))
    }
}
