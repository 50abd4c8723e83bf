// The sizes of the published models, for measuring with random weights on machines that hold none. A model that is loaded
// gets its sizes from its own files and never from here.

extension LanguageModelConfiguration {
    /// MOSS-TTSD v0.5 and v0.7.
    public static let mossTTSD = LanguageModelConfiguration(
        vocabularySize: 152_697, hiddenSize: 2048, intermediateSize: 6144, layers: 28, attentionHeads: 16,
        keyValueHeads: 8, headSize: 128, normEpsilon: 1e-6, ropeTheta: 1e6, tiesWordEmbeddings: true,
        positionsMax: 32_768, channels: 8, speechVocabularySize: 1025, speechPadToken: 1024,
        speechTokenRange: 151_665..<152_689, speechEndToken: 152_694, padToken: 151_643, beginToken: 151_643,
        endToken: 151_643, architecture: "MossTTSDForCausalLM", modelType: "moss_ttsd")
}

extension CodecConfiguration {
    /// XY-Tokenizer of v0 and v0.5.
    public static let xyTokenizer24k = xyTokenizer(
        outputSampleRate: 24_000, decoderUpsampleRate: 1920, fourierLength: 960, hopLength: 240)

    /// XY-Tokenizer of v0.7, and the later release for v0.5.
    public static let xyTokenizer32k = xyTokenizer(
        outputSampleRate: 32_000, decoderUpsampleRate: 2560, fourierLength: 1280, hopLength: 320)

    private static func xyTokenizer(
        outputSampleRate: Int, decoderUpsampleRate: Int, fourierLength: Int, hopLength: Int
    ) -> CodecConfiguration {
        let encoder = Encoder(
            melBins: 80, stride: 2, kernel: 3, width: 768, layers: 12, heads: 12, feedForward: 3072, positions: 1500,
            scalesEmbedding: false)
        func adapter(_ input: Int, _ output: Int, positions: Int) -> Adapter {
            Adapter(
                inputWidth: input, outputWidth: output, width: 768, positions: positions, layers: 4, heads: 12,
                feedForward: 3072)
        }
        return CodecConfiguration(
            inputSampleRate: 16_000, outputSampleRate: outputSampleRate, encoderDownsampleRate: 1280,
            decoderUpsampleRate: decoderUpsampleRate,
            featureExtractor: FeatureExtractor(
                chunkSeconds: 30, melBins: 80, hopLength: 160, fourierLength: 400, chunkSamples: 480_000,
                positionsMax: 3000, sampleRate: 16_000),
            semanticEncoder: encoder, semanticEncoderAdapter: adapter(768, 768, positions: 1500),
            acousticEncoder: encoder, preQuantizerAdapter: adapter(1536, 768, positions: 1500),
            downsample: Downsample(width: 768, factor: 4),
            quantizer: Quantizer(inputWidth: 3072, width: 512, outputWidth: 3072, codebooks: 8, codebookSize: 1024),
            postQuantizerAdapter: adapter(3072, 3072, positions: 375), upsample: Upsample(width: 768, stride: 4),
            acousticDecoder: encoder,
            vocoder: Vocoder(
                inputChannels: 80, width: 512, innerWidth: 4096, layers: 30, fourierLength: fourierLength,
                hopLength: hopLength))
    }
}
