internal import Audio
public import Checkpoint
public import Compute
public import Tokens

/// XY-Tokenizer: 16 kHz speech to codes at 12.5 frames a second, and codes to sound, on the CPU.
///
/// All sizes come from the configuration. One codec serves any number of callers; they take turns at the pool's threads.
/// The same input gives the same bits whatever the number of threads.
public final class SpeechCodec: Sendable {
    public let configuration: CodecConfiguration
    public let timing: CodecTiming
    public let precision: Precision

    private let encoder: SpeechEncoder
    private let quantizer: ResidualQuantizer
    private let decoder: SpeechDecoder
    private let workers: CodecWorkers

    /// Hz.
    public var inputSampleRate: Int { configuration.inputSampleRate }
    /// Hz.
    public var outputSampleRate: Int { configuration.outputSampleRate }
    public var codebooks: Int { configuration.quantizer.codebooks }
    /// Entries of a codebook; codes are below it.
    public var codebookSize: Int { configuration.quantizer.codebookSize }

    /// In what numbers sound becomes codes, and codes become sound.
    public struct Precision: Equatable, Sendable {
        public var encoder: CodecPrecision
        public var decoder: CodecPrecision

        public init(encoder: CodecPrecision, decoder: CodecPrecision) {
            self.encoder = encoder
            self.decoder = decoder
        }

        /// The original's arithmetic.
        public static let exact = Precision(encoder: .f32, decoder: .f32)
        /// What the services use unless they are told otherwise.
        public static let standard = Precision(encoder: .bf16, decoder: .bf16)

        /// For people: `bf16`, or `f32/bf16` for encoder and decoder.
        public var name: String {
            encoder == decoder ? encoder.rawValue : "\(encoder.rawValue)/\(decoder.rawValue)"
        }
    }

    /// Copies the weights out of `tensors` in the layouts that it computes with.
    ///
    /// - Throws: `weights` or `configuration`, when the model cannot be run.
    public init(
        configuration: CodecConfiguration, tensors: any TensorSource, pool: WorkerPool, precision: Precision = .exact
    ) throws(SpeechCodecError) {
        timing = try CodecTiming(configuration)
        try Self.check(configuration, timing: timing)
        self.configuration = configuration
        workers = CodecWorkers(pool: pool)
        self.precision = precision
        let encoderWeights = CodecWeights(source: tensors, precision: precision.encoder)
        let decoderWeights = CodecWeights(source: tensors, precision: precision.decoder)
        do {
            encoder = try SpeechEncoder(encoderWeights, configuration)
            quantizer = try ResidualQuantizer(encoderWeights, "quantizer", configuration.quantizer)
            decoder = try SpeechDecoder(decoderWeights, configuration)
            FreedMemory.giveBack()
        } catch {
            throw .weights(error)
        }
    }

    /// What the layers rely on and the configuration's own checks leave open.
    private static func check(_ sizes: CodecConfiguration, timing: CodecTiming) throws(SpeechCodecError) {
        let positions = sizes.featureExtractor.positionsMax / sizes.semanticEncoder.stride
        let tables = [
            ("semantic_encoder_kwargs", sizes.semanticEncoder.positions, positions),
            ("acoustic_encoder_kwargs", sizes.acousticEncoder.positions, positions),
            ("semantic_encoder_adapter_kwargs", sizes.semanticEncoderAdapter.positions, positions),
            ("pre_rvq_adapter_kwargs", sizes.preQuantizerAdapter.positions, positions),
            ("post_rvq_adapter_kwargs", sizes.postQuantizerAdapter.positions, timing.windowFrames),
            ("acoustic_decoder_kwargs", sizes.acousticDecoder.positions, timing.windowFrames * sizes.upsample.stride),
        ]
        for (field, stored, needed) in tables where stored < needed {
            throw .configuration(field: field, reason: "has \(stored) positions; a window needs \(needed)")
        }
        let kernels = [
            ("semantic_encoder_kwargs", sizes.semanticEncoder), ("acoustic_encoder_kwargs", sizes.acousticEncoder),
            ("acoustic_decoder_kwargs", sizes.acousticDecoder),
        ]
        for (field, block) in kernels where block.kernel % 2 == 0 || block.kernel < block.stride {
            throw .configuration(
                field: "\(field).kernel_size",
                reason: "is \(block.kernel); only odd ones not below the stride (\(block.stride)) are built")
        }
        guard sizes.featureExtractor.fourierLength % 2 == 0 else {
            throw .configuration(field: "feature_extractor_kwargs.n_fft", reason: "is odd; only even ones are built")
        }
    }

    // MARK: Sound to codes

    /// Encodes speech.
    ///
    /// - Parameter samples: Mono at ``inputSampleRate``. Longer than a window (30 s), it is cut as the original cuts it.
    /// - Returns: `[samples / frame length, codebooks]`; a started frame at the end is dropped.
    /// - Throws: `sampleNotFinite`.
    public func encode(_ samples: [Float]) throws(SpeechCodecError) -> CodeMatrix {
        try encode(samples, probe: nil)
    }

    package func encode(_ samples: [Float], probe: CodecProbe?) throws(SpeechCodecError) -> CodeMatrix {
        if let index = samples.firstIndex(where: { !$0.isFinite }) { throw .sampleNotFinite(index: index) }
        var codes = CodeMatrix(codebooks: codebooks)
        for window in EncodeSchedule(samples: samples.count, timing: timing).windows {
            let features = encoder.features(
                samples[window.samples], codes: window.frames, workers: workers, probe: probe)
            codes.append(contentsOf: quantizer.encode(features, workers: workers, probe: probe))
        }
        return codes
    }

    /// The codes of a prompt for ``decode(_:behind:)``.
    ///
    /// - Parameter prompt: Mono at ``inputSampleRate``, all speakers' prompts joined, without appended silence.
    public func reference(_ prompt: [Float]) throws(SpeechCodecError) -> DecodeReference {
        DecodeReference(checked: try encode(Padding.fit(prompt, count: timing.referenceSamples)))
    }

    /// A reference from codes that were made by ``reference(_:)`` before.
    ///
    /// - Throws: `wrongReferenceLength`, `wrongCodebooks`, `codeOutOfRange`.
    public func reference(codes: CodeMatrix) throws(SpeechCodecError) -> DecodeReference {
        try check(codes)
        guard codes.frames == timing.referenceFrames else {
            throw .wrongReferenceLength(frames: codes.frames, needed: timing.referenceFrames)
        }
        return DecodeReference(checked: codes)
    }

    // MARK: Codes to sound

    /// Decodes a whole sequence.
    ///
    /// - Parameters:
    ///   - codes: `[frames, codebooks]`.
    ///   - reference: The prompt's codes for the decoding of v0.7; nil for that of v0 and v0.5.
    ///   - delivery: Whose windows: the original's, or those that a stream of early sound is made in.
    /// - Returns: Mono at ``outputSampleRate``: frames times the frame's samples (settled behind a reference up to one fade
    ///   fewer).
    /// - Throws: `wrongCodebooks`, `codeOutOfRange`.
    public func decode(
        _ codes: CodeMatrix, behind reference: DecodeReference? = nil, delivery: DecodeSchedule.Delivery = .settled
    ) throws(SpeechCodecError) -> [Float] {
        var stream = stream(behind: reference, delivery: delivery)
        return try stream.push(codes) + stream.finish()
    }

    /// A stream that decodes one sequence as its frames arrive.
    public func stream(
        behind reference: DecodeReference? = nil, delivery: DecodeSchedule.Delivery = .settled
    ) -> DecodeStream {
        DecodeStream(codec: self, reference: reference, delivery: delivery)
    }

    /// The kept sound of one window.
    func decode(_ window: DecodeSchedule.Window, codes: CodeMatrix, behind reference: DecodeReference?) -> [Float] {
        var all = reference?.codes ?? CodeMatrix(codebooks: codebooks)
        all.append(contentsOf: codes)
        let perFrame = timing.outputSamplesPerFrame
        let offset = (all.frames - window.frames.upperBound) * perFrame
        let end = min(window.kept.upperBound * perFrame + window.margin, window.frames.upperBound * perFrame)
        return decode(all, samples: window.kept.lowerBound * perFrame + offset..<end + offset, probe: nil)
    }

    /// Samples of what one window of codes decodes to.
    ///
    /// - Precondition: not more frames than a window, every code below ``codebookSize``.
    package func decode(_ codes: CodeMatrix, samples: Range<Int>, probe: CodecProbe?) -> [Float] {
        let x = quantizer.decode(codes, workers: workers, probe: probe)
        return decoder.samples(samples, of: x, workers: workers, probe: probe)
    }

    /// Holds codes against this codec before anything is computed.
    ///
    /// - Parameter firstFrame: What an error counts the first frame as.
    /// - Throws: `wrongCodebooks`, `codeOutOfRange`.
    public func check(_ codes: CodeMatrix, firstFrame: Int = 0) throws(SpeechCodecError) {
        guard codes.codebooks == codebooks else {
            throw .wrongCodebooks(given: codes.codebooks, needed: codebooks)
        }
        if let index = codes.codes.firstIndex(where: { Int($0) >= codebookSize }) {
            throw .codeOutOfRange(
                frame: firstFrame + index / codebooks, codebook: index % codebooks, code: Int(codes.codes[index]),
                codebookSize: codebookSize)
        }
    }
}
