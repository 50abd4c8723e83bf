package import Checkpoint
package import Compute
import Foundation
internal import Tokens

/// Times a codec on sound and codes made up here, for `colloquy bench`.
package struct CodecBenchmark: Sendable {
    package struct Result: Sendable {
        package let loadSeconds: Double
        /// Wall time to encode `encodedSeconds` of sound.
        package let encodeSeconds: Double
        package let encodedSeconds: Double
        /// Wall time to decode `decodedSeconds` of sound, without a reference.
        package let decodeSeconds: Double
        package let decodedSeconds: Double
        /// Wall time for as much sound behind a reference, as v0.7 decodes.
        package let referencedDecodeSeconds: Double
    }

    package var encodedSeconds: Double = 10
    package var decodedSeconds: Double = 30

    package init() {}

    /// Loads the model, then encodes and decodes once each. Every figure includes what a first call costs.
    package func run(configuration: CodecConfiguration, tensors: any TensorSource, pool: WorkerPool)
        throws(SpeechCodecError) -> Result
    {
        let clock = ContinuousClock()
        func seconds(since start: ContinuousClock.Instant) -> Double { (clock.now - start) / .seconds(1) }

        var start = clock.now
        let codec = try SpeechCodec(configuration: configuration, tensors: tensors, pool: pool)
        let loadSeconds = seconds(since: start)

        let rate = Double(codec.inputSampleRate)
        let sound = (0..<Int(encodedSeconds * rate)).map { Float(0.3 * sin(Double($0 * ($0 % 4001)) / rate)) }
        start = clock.now
        let prompt = try codec.encode(sound)
        let encodeSeconds = seconds(since: start)

        let codes = madeUpCodes(frames: Int(decodedSeconds * configuration.frameRate), codec)
        start = clock.now
        _ = try codec.decode(codes)
        let decodeSeconds = seconds(since: start)

        var reference = madeUpCodes(frames: codec.timing.referenceFrames, codec)
        for frame in 0..<min(prompt.frames, reference.frames) {
            for codebook in 0..<codec.codebooks { reference[frame, codebook] = prompt[frame, codebook] }
        }
        start = clock.now
        _ = try codec.decode(codes, behind: codec.reference(codes: reference))
        return Result(
            loadSeconds: loadSeconds, encodeSeconds: encodeSeconds, encodedSeconds: encodedSeconds,
            decodeSeconds: decodeSeconds, decodedSeconds: decodedSeconds,
            referencedDecodeSeconds: seconds(since: start))
    }

    private func madeUpCodes(frames: Int, _ codec: SpeechCodec) -> CodeMatrix {
        CodeMatrix(
            codebooks: codec.codebooks,
            codes: (0..<frames * codec.codebooks).map { UInt16($0 * 7919 % codec.codebookSize) })
    }
}
