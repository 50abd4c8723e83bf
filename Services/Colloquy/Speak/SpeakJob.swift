import Audio
import Contracts
import Dialogue
import Foundation
import ServiceKit
import Wire

/// One dialogue on its way to its listener, or into a file.
struct SpeakJob: Sendable {
    let request: SpeakRequest
    let target: SoundTarget
    let budget: Duration

    /// Speaks, writing sound as it comes.
    func run(on caller: any Caller, progress: ProgressLine) async throws -> SpokenDialogue {
        let call = await caller.call(Methods.speak, request, options: CallOptions(budget: budget, itemCredit: 16))
        let expected = SpeechEstimate.seconds(of: request.script)
        progress.expect(seconds: min(expected, request.secondsMax ?? expected))
        let sink = SoundSink(target)
        for try await item in call.items {
            progress.update(target.name, item)
            guard !item.samples.isEmpty else { continue }
            try sink.write(item.samples, sampleRate: item.sampleRate)
        }
        let response = try await call.response()
        progress.end(target.name)
        guard !sink.isEmpty else {
            throw ServiceFailure(
                .unavailable, "the model ended at once and said nothing (seed \(response.seed)); try another seed")
        }
        try sink.finish()
        return SpokenDialogue(path: target.name, delivery: request.delivery, response: response)
    }
}

/// A dialogue that was spoken.
struct SpokenDialogue: Sendable {
    /// Of its file; - for standard output.
    let path: String
    let delivery: SoundDelivery
    let response: SpeakResponse

    /// Elapsed time over the sound's: below 1 is faster than it is listened to.
    var realTimeFactor: Double {
        response.durationSeconds > 0 ? response.elapsedSeconds / response.durationSeconds : 0
    }

    /// For people.
    var words: String {
        let end = response.finish == .framesMax ? ", cut at its limit" : ""
        let facts =
            "\(path): \(response.durationSeconds.places(2)) s of sound in \(response.elapsedSeconds.places(2)) s "
            + "(real-time factor \(realTimeFactor.places(2))), seed \(response.seed)\(end)"
        return ([facts] + response.warnings.map { "warning: \($0)" }).joined(separator: "\n")
    }

    /// For machines and manifests.
    var record: Record { Record(self) }

    struct Record: Encodable, Sendable {
        let path: String
        let seed: UInt64
        let delivery: String
        let finish: String
        let frames, samples, sampleRate, promptRows: Int
        let durationSeconds, elapsedSeconds, realTimeFactor, prefillSeconds, decodeSeconds: Double
        let text: String
        let warnings: [String]
        let languageModelHash, codecHash: String

        init(_ spoken: SpokenDialogue) {
            let response = spoken.response
            path = spoken.path
            seed = response.seed
            delivery = spoken.delivery.rawValue
            finish = response.finish.rawValue
            frames = response.frames
            samples = response.samples
            sampleRate = response.sampleRate
            promptRows = response.promptRows
            durationSeconds = response.durationSeconds
            elapsedSeconds = response.elapsedSeconds
            realTimeFactor = spoken.realTimeFactor
            prefillSeconds = response.prefillSeconds
            decodeSeconds = response.decodeSeconds
            text = response.text
            warnings = response.warnings
            languageModelHash = response.languageModelHash
            codecHash = response.codecHash
        }
    }
}

extension Double {
    /// With so many digits behind the point.
    func places(_ digits: Int) -> String { String(format: "%.\(digits)f", self) }
}
