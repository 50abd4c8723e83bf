package import Checkpoint
package import Compute
import Foundation
internal import Tokens

/// Times a codec on sound and codes made up here, for `colloquy bench`.
package struct CodecBenchmark: Sendable {
    /// Something that can be timed, as often as one likes.
    package enum Sample: Hashable, Sendable {
        /// So many seconds of sound become codes.
        case encode(seconds: Double)
        /// Codes become so many seconds of sound.
        case decode(seconds: Double)
        /// The same behind a reference, as v0.7 decodes.
        case decodeBehindReference(seconds: Double)
    }

    /// What is timed.
    package struct Plan: Sendable {
        /// Sound to encode, in seconds.
        package var encodedSeconds: Double = 10
        /// Sound to decode, in seconds.
        package var decodedSeconds: Double = 30
        /// Whether decoding behind a reference is timed too.
        package var hasReference = true
        /// Samples of each kind.
        package var repetitions = 3

        package init() {}
    }

    /// Samples of each kind, in the order in which they were taken.
    package struct Result: Sendable {
        package var loadSeconds = 0.0
        /// Wall time to encode `Plan.encodedSeconds` of sound.
        package var encodeSeconds: [Double] = []
        /// Wall time to decode `Plan.decodedSeconds` of sound, without a reference.
        package var decodeSeconds: [Double] = []
        /// Wall time for as much sound behind a reference.
        package var referencedDecodeSeconds: [Double] = []
    }

    /// Loads the model, then encodes and decodes in turn, so that a disturbance meets all kinds.
    package static func run(
        configuration: CodecConfiguration, tensors: any TensorSource, pool: WorkerPool,
        precision: SpeechCodec.Precision = .exact, plan: Plan
    ) throws(SpeechCodecError) -> Result {
        let bench = try CodecBenchmark(
            configuration: configuration, tensors: tensors, pool: pool, precision: precision)
        var result = Result()
        result.loadSeconds = bench.loadSeconds
        for _ in 0..<plan.repetitions {
            result.encodeSeconds.append(try bench.seconds(.encode(seconds: plan.encodedSeconds)))
            result.decodeSeconds.append(try bench.seconds(.decode(seconds: plan.decodedSeconds)))
            guard plan.hasReference else { continue }
            let behind = Sample.decodeBehindReference(seconds: plan.decodedSeconds)
            result.referencedDecodeSeconds.append(try bench.seconds(behind))
        }
        return result
    }

    /// That loading the model took.
    package let loadSeconds: Double
    private let codec: SpeechCodec

    package init(
        configuration: CodecConfiguration, tensors: any TensorSource, pool: WorkerPool,
        precision: SpeechCodec.Precision
    ) throws(SpeechCodecError) {
        let start = ContinuousClock.now
        codec = try SpeechCodec(
            configuration: configuration, tensors: tensors, pool: pool, precision: precision)
        loadSeconds = (ContinuousClock.now - start) / .seconds(1)
        // Buffers are made and pages touched at a first call.
        _ = try codec.decode(codes(seconds: 1 / configuration.frameRate))
    }

    /// Takes one sample: wall time.
    package func seconds(_ sample: Sample) throws(SpeechCodecError) -> Double {
        // What it works on is made before the clock starts.
        switch sample {
        case .encode(let seconds):
            let sound = sound(seconds: seconds)
            return try Self.seconds { () throws(SpeechCodecError) in _ = try codec.encode(sound) }
        case .decode(let seconds):
            let codes = codes(seconds: seconds)
            return try Self.seconds { () throws(SpeechCodecError) in _ = try codec.decode(codes) }
        case .decodeBehindReference(let seconds):
            let codes = codes(seconds: seconds)
            let reference = try codec.reference(codes: madeUpCodes(frames: codec.timing.referenceFrames))
            return try Self.seconds { () throws(SpeechCodecError) in _ = try codec.decode(codes, behind: reference) }
        }
    }

    private static func seconds(_ body: () throws(SpeechCodecError) -> Void) throws(SpeechCodecError) -> Double {
        let start = ContinuousClock.now
        try body()
        return (ContinuousClock.now - start) / .seconds(1)
    }

    private func sound(seconds: Double) -> [Float] {
        let rate = Double(codec.inputSampleRate)
        return (0..<Int(seconds * rate)).map { Float(0.3 * sin(Double($0 * ($0 % 4001)) / rate)) }
    }

    private func codes(seconds: Double) -> CodeMatrix {
        madeUpCodes(frames: Int((seconds * codec.configuration.frameRate).rounded()))
    }

    private func madeUpCodes(frames: Int) -> CodeMatrix {
        CodeMatrix(
            codebooks: codec.codebooks,
            codes: (0..<frames * codec.codebooks).map { UInt16($0 * 7919 % codec.codebookSize) })
    }
}
