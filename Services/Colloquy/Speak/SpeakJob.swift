import Audio
import Contracts
import Dialogue
import Foundation
import ServiceKit
import Wire

/// One dialogue on its way into a file.
struct SpeakJob: Sendable {
    let request: SpeakRequest
    let path: String
    let format: AudioFormat
    let budget: Duration

    /// Speaks, writing sound as it comes. The file appears under its name when it is whole.
    func run(on caller: any Caller, progress: ProgressLine) async throws -> SpokenDialogue {
        let call = await caller.call(Methods.speak, request, options: CallOptions(budget: budget, itemCredit: 16))
        let expected = SpeechEstimate.seconds(of: request.script)
        progress.expect(seconds: min(expected, request.secondsMax ?? expected))
        let partial = path + ".part"
        var writer: AudioWriter?
        defer { if writer != nil { try? FileManager.default.removeItem(atPath: partial) } }
        for try await item in call.items {
            progress.update(path, item)
            guard !item.samples.isEmpty else { continue }
            if writer == nil {
                writer = try AudioWriter(path: partial, format: format, sampleRate: item.sampleRate)
            }
            try writer?.write(item.samples)
        }
        let response = try await call.response()
        progress.end(path)
        guard let writer else {
            throw ServiceFailure(
                .unavailable, "the model ended at once and said nothing (seed \(response.seed)); try another seed")
        }
        try writer.finish()
        guard rename(partial, path) == 0 else {
            throw ServiceFailure(.cannotCreate, "\(path) cannot be written: \(String(cString: strerror(errno)))")
        }
        return SpokenDialogue(path: path, response: response)
    }
}

/// A dialogue that was spoken.
struct SpokenDialogue: Sendable {
    let path: String
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
