import Contracts
import Tokens

/// Frames on their way from the generator to the decoder: in order, none lost, and few at a time.
struct FrameRelay: Equatable, Sendable {
    /// Frames that may wait here: while the decoder is busy with a window, the generator goes on for a while, then waits.
    static let waitingMax = 256

    private(set) var received = 0
    private(set) var sent = 0
    private var waiting: CodeMatrix
    private var isTaking = false
    private var isSending = false
    private(set) var generatorEnded = false
    private(set) var isFinished = false

    init(codebooks: Int) { waiting = CodeMatrix(codebooks: codebooks) }

    /// - Throws: `internal` for frames that do not follow the ones before, or have another number of codes.
    mutating func take(_ item: FramesItem) throws(CallError) {
        isTaking = false
        guard item.firstFrame == received else {
            throw CallError(.internal, "frame \(item.firstFrame) came where frame \(received) was due")
        }
        guard item.codes.codebooks == waiting.codebooks else {
            throw CallError(
                .internal, "a frame of \(item.codes.codebooks) codes came where \(waiting.codebooks) were due")
        }
        received += item.codes.frames
        waiting.append(contentsOf: item.codes)
    }

    /// - Throws: `internal` when frames are missing at the end.
    mutating func end(_ response: GenerateResponse) throws(CallError) {
        isTaking = false
        generatorEnded = true
        guard response.frames == received else {
            throw CallError(.internal, "\(received) frames came of the \(response.frames) that were made")
        }
    }

    mutating func sendingDone() { isSending = false }

    /// What to do next; `decoderRuns` once it was started.
    mutating func advance(decoderRuns: Bool) -> [SpeakSession.Directive] {
        var directives: [SpeakSession.Directive] = []
        if decoderRuns, !isSending, waiting.frames > 0 {
            let count = min(waiting.frames, ContractLimits.framesPerItemMax)
            directives.append(.sendCodes(CodesItem(codes: waiting.frames(0..<count))))
            waiting = waiting.frames(count..<waiting.frames)
            sent += count
            isSending = true
        }
        if decoderRuns, generatorEnded, !isSending, waiting.frames == 0, !isFinished {
            isFinished = true
            directives.append(.finishCodes)
        }
        if !generatorEnded, !isTaking, waiting.frames < Self.waitingMax {
            isTaking = true
            directives.append(.takeFrames)
        }
        return directives
    }
}
