import Audio
import Contracts
import ServiceKit
import SpeechCodec
import Tokens
import Wire

extension CodecModel {
    /// A file as mono at the codec's rate, as the original loads a prompt.
    func speech(_ audio: [UInt8], source: String) throws -> [Float] {
        try clip(audio, source: source).mono(at: codec.inputSampleRate)
    }

    private func clip(_ audio: [UInt8], source: String) throws -> AudioClip {
        var allowed = AudioLimits()
        allowed.bytes = ContractLimits.audioBytesMax
        allowed.seconds = Double(limits.promptSecondsMax)
        return try AudioClip(bytes: audio, source: source, limits: allowed)
    }

    /// `codec.Encode`.
    func encode(_ request: EncodeRequest) throws -> EncodeResponse {
        let clip = try clip(request.audio, source: "the sound file")
        let samples = try clip.mono(at: codec.inputSampleRate)
        let energy = samples.reduce(into: 0.0) { $0 += Double($1) * Double($1) }
        return EncodeResponse(
            codes: try codec.encode(samples), durationSeconds: clip.durationSeconds, sampleRate: clip.sampleRate,
            channels: clip.channelCount, peak: samples.reduce(0) { max($0, abs($1)) },
            rms: samples.isEmpty ? 0 : Float((energy / Double(samples.count)).squareRoot()),
            codecHash: facts.codecHash)
    }

    /// `codec.Decode`: sound leaves as soon as its delivery lets it go, the same whatever pieces the codes come in.
    func decode(
        _ request: DecodeRequest, _ context: CallContext<CodesItem, AudioItem>
    ) async throws -> DecodeResponse {
        guard request.codebooks == codec.codebooks else {
            throw SpeechCodecError.wrongCodebooks(given: request.codebooks, needed: codec.codebooks)
        }
        var stream = codec.stream(
            behind: try request.reference.map { try codec.reference(codes: $0) },
            delivery: DecodeSchedule.Delivery(request.delivery))
        var frames = 0
        var samples = 0
        for try await item in context.items {
            guard frames + item.codes.frames <= ContractLimits.framesMax else {
                throw CallError(
                    .tooLarge, "Decode: more than \(ContractLimits.framesMax) frames; end this call and begin another")
            }
            frames += item.codes.frames
            let (next, sound) = try await BlockingWork.run { [stream] in
                var stream = stream
                let sound = try stream.push(item.codes)
                return (stream, sound)
            }
            stream = next
            samples += try await send(sound, context)
        }
        let sound = try await BlockingWork.run { [stream] in
            var stream = stream
            return stream.finish()
        }
        samples += try await send(sound, context)
        return DecodeResponse(frames: frames, samples: samples, sampleRate: codec.outputSampleRate)
    }

    /// - Returns: Samples sent.
    private func send(_ sound: [Float], _ context: CallContext<CodesItem, AudioItem>) async throws -> Int {
        for start in stride(from: 0, to: sound.count, by: ContractLimits.samplesPerItemMax) {
            let end = min(start + ContractLimits.samplesPerItemMax, sound.count)
            try await context.send(AudioItem(samples: Array(sound[start..<end])))
        }
        return sound.count
    }
}

extension DecodeSchedule.Delivery {
    fileprivate init(_ delivery: SoundDelivery) {
        switch delivery {
        case .settled: self = .settled
        case .early: self = .early
        }
    }
}
