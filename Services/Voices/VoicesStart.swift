package import DemoVoice
import Foundation
package import Logging
import ServiceKit
package import VoiceLibrary

/// What happens before the first request is taken.
package enum VoicesStart {
    static func open(_ configuration: VoicesConfiguration) throws(ServiceFailure) -> VoiceLibrary {
        do throws(VoiceLibraryError) {
            return try VoiceLibrary(path: configuration.database)
        } catch {
            throw error.failure
        }
    }

    /// Without the embedded model, or with one whose prompts are refused, people's own voices still serve: it is told
    /// and nothing more.
    package static func offerDemoSpeakers(
        to library: VoiceLibrary, from places: DemoVoicePlaces = DemoVoicePlaces(), logger: Logger
    ) async {
        do {
            let speakers = try DemoVoice(places).speakers().map(NewVoice.init(demoSpeaker:))
            let changed = try await library.offerDemoSpeakers(speakers)
            if changed > 0 {
                logger.info("the embedded model's speakers are in the library", metadata: ["voices": "\(changed)"])
            }
        } catch {
            logger.warning("the embedded model's speakers are not in the library: \(error)")
        }
    }
}

extension NewVoice {
    /// Its codes come later, when there is a codec to ask.
    init(demoSpeaker speaker: DemoSpeaker) throws {
        let audio = try speaker.audio()
        let facts = try PromptFacts(of: audio, source: speaker.file.path)
        self.init(
            name: speaker.name, transcript: speaker.transcript, language: speaker.language, audio: audio,
            durationSeconds: facts.durationSeconds, sampleRate: facts.sampleRate)
    }
}
