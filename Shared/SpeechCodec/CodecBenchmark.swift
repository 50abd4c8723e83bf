package import Checkpoint
package import Compute
import Foundation
internal import Tokens

/// Times a codec on sound and codes made up here, for `colloquy bench`.
package struct CodecBenchmark: Sendable {
    /// Samples of each kind, in the order in which they were taken.
    package struct Result: Sendable {
        package var loadSeconds = 0.0
        /// Wall time to encode `encodedSeconds` of sound.
        package var encodeSeconds: [Double] = []
        package var encodedSeconds = 0.0
        /// Wall time to decode `decodedSeconds` of sound, without a reference.
        package var decodeSeconds: [Double] = []
        package var decodedSeconds = 0.0
        /// Wall time for as much sound behind a reference, as v0.7 decodes.
        package var referencedDecodeSeconds: [Double] = []
    }

    /// Sound to encode, in seconds.
    package var encodedSeconds: Double = 10
    /// Sound to decode, in seconds.
    package var decodedSeconds: Double = 30
    /// Whether decoding behind a reference is timed too.
    package var hasReference = true
    /// Samples of each kind.
    package var repetitions = 3

    package init() {}

    /// Loads the model, then encodes and decodes in turn, so that a disturbance meets all kinds.
    package func run(
        configuration: CodecConfiguration, tensors: any TensorSource, pool: WorkerPool,
        precision: SpeechCodec.Precision = .exact
    ) throws(SpeechCodecError) -> Result {
        let clock = ContinuousClock()
        func seconds(since start: ContinuousClock.Instant) -> Double { (clock.now - start) / .seconds(1) }

        var result = Result()
        var start = clock.now
        let codec = try SpeechCodec(
            configuration: configuration, tensors: tensors, pool: pool, precision: precision)
        result.loadSeconds = seconds(since: start)
        result.encodedSeconds = encodedSeconds
        result.decodedSeconds = decodedSeconds

        let rate = Double(codec.inputSampleRate)
        let sound = (0..<Int(encodedSeconds * rate)).map { Float(0.3 * sin(Double($0 * ($0 % 4001)) / rate)) }
        let codes = madeUpCodes(frames: Int(decodedSeconds * configuration.frameRate), codec)
        let reference = try codec.reference(codes: madeUpCodes(frames: codec.timing.referenceFrames, codec))
        // Buffers are made and pages touched at a first call.
        _ = try codec.decode(madeUpCodes(frames: 1, codec))
        for _ in 0..<repetitions {
            start = clock.now
            _ = try codec.encode(sound)
            result.encodeSeconds.append(seconds(since: start))
            start = clock.now
            _ = try codec.decode(codes)
            result.decodeSeconds.append(seconds(since: start))
            guard hasReference else { continue }
            start = clock.now
            _ = try codec.decode(codes, behind: reference)
            result.referencedDecodeSeconds.append(seconds(since: start))
        }
        return result
    }

    private func madeUpCodes(frames: Int, _ codec: SpeechCodec) -> CodeMatrix {
        CodeMatrix(
            codebooks: codec.codebooks,
            codes: (0..<frames * codec.codebooks).map { UInt16($0 * 7919 % codec.codebookSize) })
    }
}
