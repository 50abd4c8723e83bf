public import Checkpoint

/// The lengths that cut long audio and long code sequences into windows, in samples and frames of one model.
///
/// The seconds are the original's and not part of any configuration (model.md 3.6, 3.7, 6.7).
public struct CodecTiming: Equatable, Sendable {
    private static let overlapSeconds = 10
    private static let referenceSeconds = 20
    private static let fadesPerSecond = 10

    /// Input samples of a frame.
    public let inputSamplesPerFrame: Int
    /// Output samples of a frame.
    public let outputSamplesPerFrame: Int
    /// Output samples of a second.
    public let outputSampleRate: Int
    /// Frames that the encoder and the decoder take at once.
    public let windowFrames: Int
    /// Frames from one window to the next.
    public let strideFrames: Int
    /// Frames of a ``DecodeReference``.
    public let referenceFrames: Int
    /// Output samples of the original's cross-fade between two windows behind a reference.
    public let fadeSamples: Int

    public var windowSamples: Int { windowFrames * inputSamplesPerFrame }
    public var strideSamples: Int { strideFrames * inputSamplesPerFrame }
    public var referenceSamples: Int { referenceFrames * inputSamplesPerFrame }

    /// - Throws: `SpeechCodecError.configuration` when a window or its stride is no whole number of frames.
    public init(_ configuration: CodecConfiguration) throws(SpeechCodecError) {
        inputSamplesPerFrame = configuration.encoderDownsampleRate
        outputSamplesPerFrame = configuration.decoderUpsampleRate
        outputSampleRate = configuration.outputSampleRate
        let window = configuration.featureExtractor.chunkSamples
        let stride = window - Self.overlapSeconds * configuration.inputSampleRate
        let reference = Self.referenceSeconds * configuration.inputSampleRate
        for (what, samples) in [("window", window), ("stride", stride), ("reference", reference)]
        where samples <= 0 || samples % inputSamplesPerFrame != 0 {
            throw .configuration(
                field: "feature_extractor_kwargs.chunk_length",
                reason: "makes a \(what) of \(samples) samples, no whole number of frames of \(inputSamplesPerFrame)")
        }
        windowFrames = window / inputSamplesPerFrame
        strideFrames = stride / inputSamplesPerFrame
        referenceFrames = reference / inputSamplesPerFrame
        fadeSamples = outputSampleRate / Self.fadesPerSecond
    }

    /// Frames that `samples` input samples encode to: a started frame does not count.
    public func frames(samples: Int) -> Int { samples / inputSamplesPerFrame }
}
