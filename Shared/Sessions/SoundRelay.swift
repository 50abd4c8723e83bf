import Contracts

/// Sound on its way from the decoder to the client, and the progress that is told when there is none: never more than
/// the client takes.
struct SoundRelay: Equatable, Sendable {
    /// Pieces of sound that may wait for the client. The decoder waits behind them, and the generator behind it.
    static let waitingMax = 2
    /// Progress without sound is told at most this often, unless the stage changes.
    static let progressInterval = Duration.milliseconds(200)

    let sampleRate: Int
    private let framesPerSecond: Double
    private(set) var received = 0
    private var waiting: [[Float]] = []
    private var isTaking = false
    private var isEmitting = false
    private(set) var decoderEnded = false
    private var told: (stage: SpeakItem.Stage, framesMade: Int, at: Duration)?

    init(sampleRate: Int, framesPerSecond: Double) {
        self.sampleRate = sampleRate
        self.framesPerSecond = framesPerSecond
    }

    static func == (one: SoundRelay, other: SoundRelay) -> Bool {
        one.sampleRate == other.sampleRate && one.received == other.received && one.waiting == other.waiting
            && one.isTaking == other.isTaking && one.isEmitting == other.isEmitting
            && one.decoderEnded == other.decoderEnded
    }

    mutating func take(_ item: AudioItem) {
        isTaking = false
        received += item.samples.count
        if !item.samples.isEmpty { waiting.append(item.samples) }
    }

    /// - Throws: `internal` when sound is missing at the end, or is not what the codec announced.
    mutating func end(_ response: DecodeResponse, framesSent: Int) throws(CallError) {
        isTaking = false
        decoderEnded = true
        guard response.samples == received, response.frames == framesSent else {
            throw CallError(
                .internal,
                "\(received) samples came of the \(response.samples) that were made, from \(response.frames) of "
                    + "\(framesSent) frames")
        }
        guard response.sampleRate == sampleRate else {
            throw CallError(.internal, "the sound has \(response.sampleRate) Hz where \(sampleRate) Hz were announced")
        }
    }

    mutating func emittingDone() { isEmitting = false }

    var isEmpty: Bool { waiting.isEmpty && !isEmitting }

    mutating func advance(
        decoderRuns: Bool, stage: SpeakItem.Stage, framesMade: Int, at elapsed: Duration
    ) -> [SpeakSession.Directive] {
        var directives: [SpeakSession.Directive] = []
        if !isEmitting, let item = next(stage: stage, framesMade: framesMade, at: elapsed) {
            isEmitting = true
            told = (stage, framesMade, elapsed)
            directives.append(.emit(item))
        }
        if decoderRuns, !decoderEnded, !isTaking, waiting.count < Self.waitingMax {
            isTaking = true
            directives.append(.takeAudio)
        }
        return directives
    }

    private mutating func next(stage: SpeakItem.Stage, framesMade: Int, at elapsed: Duration) -> SpeakItem? {
        if !waiting.isEmpty {
            return SpeakItem(
                stage: stage, framesMade: framesMade, secondsMade: seconds(framesMade), samples: waiting.removeFirst(),
                sampleRate: sampleRate)
        }
        let progress = SpeakItem(stage: stage, framesMade: framesMade, secondsMade: seconds(framesMade))
        guard let told else { return progress }
        let isDue = told.framesMade != framesMade && elapsed - told.at >= Self.progressInterval
        return told.stage != stage || isDue ? progress : nil
    }

    private func seconds(_ frames: Int) -> Double { framesPerSecond > 0 ? Double(frames) / framesPerSecond : 0 }
}
