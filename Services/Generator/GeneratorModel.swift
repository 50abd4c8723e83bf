import Checkpoint
import Compute
import Contracts
import LanguageModel
import ModelLoading
import Tokens

/// What a generator has loaded: the engine with its model, how it draws, and when speech ends.
struct GeneratorModel: Sendable {
    let engine: GenerationEngine
    let generation: GenerationConfiguration
    let rules: GenerationRules
    let facts: ModelFacts

    init(_ model: InstalledModel, threads: Int, limits: EngineLimits) throws {
        let files = model.directory.languageModel
        let configuration = try files.configuration()
        let languageModel = try LanguageModel(
            files.tensors(configuration), configuration: configuration,
            device: CPUDevice(pool: WorkerPool(threads: threads)))
        engine = try GenerationEngine(model: languageModel, limits: limits)
        generation = try files.generation(channels: configuration.channels)
        rules = GenerationRules(configuration, endOfSpeech: Int(try model.endOfSpeechToken(configuration)))

        var facts = ModelFacts()
        facts.name = model.name
        facts.flavor = model.directory.flavor.rawValue
        facts.precision = try files.tensors(configuration).precision?.shortName ?? ""
        facts.device = "cpu"
        facts.languageModelHash = try files.contentHash()
        facts.channels = configuration.channels
        facts.codebooks = configuration.channels
        facts.codebookSize = min(configuration.speechTokenRange.count, configuration.speechPadToken)
        facts.vocabulary = configuration.vocabularySize
        facts.positionsMax = configuration.positionsMax
        self.facts = facts
    }

    /// The request as the engine takes it: the model's own sampling, and over it what the caller set.
    func request(_ request: GenerateRequest) -> GenerationRequest {
        var sampling = ChannelSampling.perChannel(generation, greedy: request.greedy)
        for channel in sampling.indices {
            let own = request.sampling
            if let temperature = own.temperature { sampling[channel].temperature = Double(temperature) }
            if let topK = own.topK { sampling[channel].topK = topK }
            if let topP = own.topP { sampling[channel].topP = Double(topP) }
            if let penalty = own.repetitionPenalty { sampling[channel].repetitionPenalty = Double(penalty) }
        }
        // Without a limit of the caller's, as much as the model's file says and there is room for.
        let room = max(1, engine.newTokensMax(promptRows: request.matrix.rows))
        return GenerationRequest(
            prompt: request.matrix, seed: request.seed, sampling: sampling,
            maxNewTokens: request.framesMax ?? min(generation.newTokensMax ?? room, room), rules: rules)
    }
}
