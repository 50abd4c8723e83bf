import Checkpoint
import Compute
import Contracts
import Dialogue
import ModelLoading
import SpeechCodec

/// What a codec worker has loaded: the codec, the tokenizer, and how prompts are laid out.
struct CodecModel: Sendable {
    let codec: SpeechCodec
    let prompts: PromptBuilder
    let flavor: ModelFlavor
    let limits: CodecSettings.Limits
    let facts: ModelFacts

    init(
        _ model: InstalledModel, pool: WorkerPool, settings: CodecSettings, caches: ModelCaches
    ) throws {
        let files = model.directory
        let languageModel = try files.languageModel.configuration()
        let configuration = try files.codec.configuration()
        let tokenizer = try model.tokenizer()
        codec = try SpeechCodec(
            configuration: configuration, tensors: files.codec.tensors(configuration), pool: pool,
            precision: settings.precision)
        prompts = try PromptBuilder(
            tokenizer: tokenizer, version: files.flavor.dialogueVersion, pattern: languageModel.delayPattern)
        flavor = files.flavor
        limits = settings.limits

        var facts = ModelFacts()
        facts.name = model.name
        facts.flavor = files.flavor.rawValue
        facts.precision = codec.precision.name
        facts.device = "cpu"
        facts.codecHash = try files.codec.contentHash(caches.stamps)
        facts.channels = languageModel.channels
        facts.codebooks = codec.codebooks
        facts.codebookSize = codec.codebookSize
        facts.speakers = PromptLayout.speakerTokens.count
        facts.inputSampleRate = codec.inputSampleRate
        facts.outputSampleRate = codec.outputSampleRate
        facts.outputSamplesPerFrame = codec.timing.outputSamplesPerFrame
        facts.framesPerSecond = Double(codec.inputSampleRate) / Double(codec.timing.inputSamplesPerFrame)
        facts.vocabulary = languageModel.vocabularySize
        facts.positionsMax = languageModel.positionsMax
        self.facts = facts
    }
}
