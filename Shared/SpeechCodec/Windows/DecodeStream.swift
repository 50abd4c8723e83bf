internal import Audio
public import Tokens

/// Decodes a sequence that arrives bit by bit: frames go in, samples come out as soon as nothing to come can change them.
///
/// However the frames are cut, the samples together are those of the whole sequence decoded at once, bit for bit.
/// A stream holds the frames of one window and the samples of one cross-fade at most.
public struct DecodeStream: Sendable {
    private let codec: SpeechCodec
    private let reference: DecodeReference?
    private let delivery: DecodeSchedule.Delivery
    private var schedule: DecodeSchedule
    /// Frames from `schedule.firstNeededFrame` on.
    private var pending: CodeMatrix
    private var frames = 0
    /// The end of the sound so far, which a window to come fades into.
    private var tail: [Float] = []
    private var hasSound = false

    init(codec: SpeechCodec, reference: DecodeReference?, delivery: DecodeSchedule.Delivery) {
        self.codec = codec
        self.reference = reference
        self.delivery = delivery
        schedule = DecodeSchedule(
            mode: reference == nil ? .plain : .afterReference, delivery: delivery, timing: codec.timing)
        pending = CodeMatrix(codebooks: codec.codebooks)
    }

    /// Takes frames, and gives the samples that they settle, at ``SpeechCodec/outputSampleRate``.
    ///
    /// - Throws: `wrongCodebooks`, `codeOutOfRange`; the stream is then as it was before.
    public mutating func push(_ codes: CodeMatrix) throws(SpeechCodecError) -> [Float] {
        try codec.check(codes, firstFrame: frames)
        pending.append(contentsOf: codes)
        frames += codes.frames
        return advance(isComplete: false)
    }

    /// Says that no frame follows, and gives the rest of the samples. The stream is used up then.
    public mutating func finish() -> [Float] {
        var samples = advance(isComplete: true)
        if !hasSound, reference != nil, delivery == .settled {
            // The original gives a hundredth of a second of silence for an empty sequence here, and nothing elsewhere.
            samples = [Float](repeating: 0, count: codec.outputSampleRate / 100)
        }
        return samples
    }

    private mutating func advance(isComplete: Bool) -> [Float] {
        var settled: [Float] = []
        let fade = schedule.fadeSamples
        var start = schedule.firstNeededFrame
        while let window = schedule.next(frames: frames, isComplete: isComplete) {
            let codes = pending.frames(window.frames.lowerBound - start..<window.frames.upperBound - start)
            let segment = codec.decode(window, codes: codes, behind: reference)
            Crossfade.append(segment, to: &tail, overlap: fade)
            hasSound = hasSound || !segment.isEmpty
            settled.append(contentsOf: tail.dropLast(fade))
            tail.removeFirst(max(0, tail.count - fade))
            pending = pending.frames(min(schedule.firstNeededFrame - start, pending.frames)..<pending.frames)
            start = schedule.firstNeededFrame
        }
        if isComplete {
            settled.append(contentsOf: tail)
            tail = []
        }
        return settled
    }
}
