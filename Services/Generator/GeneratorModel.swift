import Checkpoint
import Compute
import Contracts
import LanguageModel
import Logging
import ModelLoading
import ServiceKit
import Tokens

/// What a generator has loaded: the engine with its model, how it draws, and when speech ends.
struct GeneratorModel: Sendable {
    let engine: GenerationEngine
    let generation: GenerationConfiguration
    let rules: GenerationRules
    let facts: ModelFacts

    /// - Parameter own: Says, besides, how keys and values are kept; nil for what suits the weights.
    init(
        _ model: InstalledModel, settings: ServiceSettings, own: GeneratorSettings, pool: WorkerPool, logger: Logger
    ) throws {
        let files = model.directory.languageModel
        let loaded = try model.languageModel(
            settings.precision, keyValues: own.keyValues, isSpeechOnly: own.head == .speechOnly,
            device: CPUDevice(pool: pool),
            caches: ModelCaches(folder: settings.cacheDirectory)
        ) { event in logger.log(level: event.isWarning ? .warning : .notice, "\(event)") }
        let languageModel = loaded.model
        let configuration = languageModel.configuration
        do {
            engine = try GenerationEngine(model: languageModel, limits: own.engineLimits)
        } catch {
            // Nobody's call has failed: the limit is what must change.
            if case .memoryTooSmall = error { throw ServiceFailure(.configuration, "\(error)") }
            throw error
        }
        generation = try files.generation(channels: configuration.channels)
        rules = GenerationRules(configuration, endOfSpeech: Int(try model.endOfSpeechToken(configuration)))

        var facts = ModelFacts()
        facts.name = model.name
        facts.flavor = model.directory.flavor.rawValue
        facts.precision = loaded.precision
        facts.device = "cpu"
        facts.languageModelHash = loaded.contentHash
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
