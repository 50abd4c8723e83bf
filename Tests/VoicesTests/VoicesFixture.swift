import Contracts
import DemoVoice
import Foundation
import Logging
import TestSupport
import VoiceLibrary
import Voices
import Wire

/// The handlers of a service with a library of its own and a codec that is played.
struct VoicesFixture {
    let scratch: ScratchFolder
    let library: VoiceLibrary
    let codec: FakeCodec
    let handlers: VoiceHandlers
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    init(codec: FakeCodec = FakeCodec()) throws {
        scratch = try ScratchFolder()
        library = try VoiceLibrary(path: scratch.url.appending(path: "voices.sqlite").path)
        self.codec = codec
        handlers = VoiceHandlers(library: library, codec: codec, logger: logger)
    }

    /// As a caller is answered.
    func add(_ request: AddVoiceRequest) async throws(CallError) -> VoiceResponse {
        try await handlers.answer("voices.Add") { try await handlers.add(request, options: CallOptions()) }
    }
}

enum Sound {
    /// 16-bit mono WAV of a quiet saw.
    static func wav(seconds: Double, sampleRate: Int = 16_000) -> [UInt8] {
        let samples = Int(seconds * Double(sampleRate))
        func little(_ value: Int, _ bytes: Int) -> [UInt8] {
            (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        let data = (0..<samples).flatMap { little($0 % 100 * 50, 2) }
        return Array("RIFF".utf8) + little(36 + data.count, 4) + Array("WAVEfmt ".utf8) + little(16, 4) + little(1, 2)
            + little(1, 2) + little(sampleRate, 4) + little(sampleRate * 2, 4) + little(2, 2) + little(16, 2)
            + Array("data".utf8) + little(data.count, 4) + data
    }

    static func request(
        _ name: String = "anna", transcript: String = "Good morning.", audio: [UInt8] = wav(seconds: 2),
        replace: Bool = false
    ) -> AddVoiceRequest {
        AddVoiceRequest(name: name, transcript: transcript, language: "en", audio: audio, replace: replace)
    }
}
