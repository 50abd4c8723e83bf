public import ArgumentParser
public import Contracts
import Foundation
import ServiceKit

/// How a dialogue is made, whatever it says.
struct SpeakOptions: ParsableArguments {
    @Option(help: "The same seed and script give the same sound (default: chosen, and told).")
    var seed: UInt64?
    @Flag(help: "Take the likeliest code everywhere instead of drawing.")
    var greedy = false
    @Flag(
        inversion: .prefixedNo, help: "Apply the text rules of the model's version (default: as the version does).")
    var normalize: Bool?
    @Option(help: "Seconds of silence behind the joined prompts.")
    var silenceDuration = 0.0
    @Option(help: "Seconds of sound at most (default: the model's own limit).")
    var maxSeconds: Double?
    @Option(
        help: ArgumentHelp(
            "settled: the original's sound; early: from about a second of speech on, for who listens meanwhile, and nearly "
                + "the original's sound (default: settled, to standard output early)."))
    var delivery: SoundDelivery?
    @Option(help: "Sampling: divides all scores; over the model's own, as all of these.")
    var temperature: Float?
    @Option(name: .customLong("top-k"), help: "Sampling: keeps the best so many.")
    var topK: Int?
    @Option(name: .customLong("top-p"), help: "Sampling: keeps the likeliest that together have this probability.")
    var topP: Float?
    @Option(help: "Sampling: weakens what has been said already.")
    var repetitionPenalty: Float?
    @Option(help: "Seconds until a dialogue is given up.")
    var timeout = 24 * 3600

    func validate() throws {
        guard maxSeconds.map({ $0 > 0 && $0 <= SpeakRequest.secondsMaxAllowed }) ?? true else {
            throw ValidationError("--max-seconds: allowed is up to \(SpeakRequest.secondsMaxAllowed)")
        }
        guard (0...ContractLimits.silenceSecondsMax).contains(silenceDuration) else {
            throw ValidationError("--silence-duration: allowed is 0...\(ContractLimits.silenceSecondsMax)")
        }
        guard timeout > 0 else { throw ValidationError("--timeout: allowed is 1 and up") }
    }

    func request(
        script: String, speakers: [SpeakerSource], delivery usual: SoundDelivery = .settled
    ) -> SpeakRequest {
        var request = SpeakRequest(script: script, speakers: speakers, seed: seed)
        request.greedy = greedy
        request.normalize = normalize
        request.silenceSeconds = silenceDuration
        request.secondsMax = maxSeconds
        request.delivery = delivery ?? usual
        request.sampling = SamplingOverrides(
            temperature: temperature, topK: topK, topP: topP, repetitionPenalty: repetitionPenalty)
        return request
    }
}

extension SoundDelivery: ExpressibleByArgument {}
