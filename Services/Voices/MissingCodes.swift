import Contracts
package import Logging
package import VoiceLibrary
import Wire

/// Gives codes to voices that have none: those that came with the embedded model, before any codec was there to ask.
package struct MissingCodes: Sendable {
    private let library: VoiceLibrary
    private let codec: any PromptEncoder
    private let logger: Logger
    /// Waits between two attempts.
    private let pause: @Sendable (Duration) async throws -> Void

    /// The longest wait for a codec; a suite that starts has one within seconds.
    package static let pauseMax: Duration = .seconds(60)

    package init(
        library: VoiceLibrary, codec: any PromptEncoder, logger: Logger,
        pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.library = library
        self.codec = codec
        self.logger = logger
        self.pause = pause
    }

    /// Until every voice has codes, or has been refused by a codec.
    package func run() async {
        var wait: Duration = .seconds(1)
        do {
            while try await !encodeAll() {
                try await pause(wait)
                wait = min(wait * 2, Self.pauseMax)
            }
        } catch is CancellationError {
            return
        } catch VoiceLibraryError.cancelled, VoiceLibraryError.closed {
            return
        } catch {
            logger.warning("voices without codes keep none until the next start: \(error)")
        }
        // The service ends with any of its parts, so this one stays until the service is asked to stop.
        while !Task.isCancelled { try? await pause(Self.pauseMax) }
    }

    /// - Returns: Whether nothing is left to be done.
    package func encodeAll() async throws -> Bool {
        var after: String?
        repeat {
            let page = try await library.voices(after: after)
            for voice in page.voices where voice.codecHashes.isEmpty {
                do {
                    try await encode(voice)
                } catch let error as CallError {
                    if error.code == .cancelled { throw CancellationError() }
                    // Only what is wrong with the sound stays wrong.
                    guard [.invalidArgument, .tooLarge, .malformed].contains(error.code) else { return false }
                    logger.warning("a codec refused the prompt of voice \(voice.name): \(error)")
                } catch VoiceLibraryError.notFound {
                    continue  // removed meanwhile
                }
            }
            after = page.next
        } while after != nil
        return true
    }

    private func encode(_ voice: Voice) async throws {
        let heard = try await codec.encode(library.audio(of: voice.id), options: CallOptions())
        _ = try await library.store(EncodedPrompt(codecHash: heard.codecHash, codes: heard.codes), of: voice.id)
    }
}
