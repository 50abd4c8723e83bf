import Checkpoint
import Dialogue
import Foundation
import LanguageModel
import TestSupport
import Testing
import Tokens

/// The pipeline of a case of `golden/pipeline`: everything about it from `case.json` and the files that it names.
extension Pipeline {
    init(_ golden: GoldenCase) throws {
        let facts = golden.facts
        func path(_ name: String) throws -> URL {
            golden.resolve(try #require(facts[name].string, "\(golden) states no \(name)"))
        }
        version = try #require(facts["version"].string.flatMap { DialogueVersion(rawValue: $0) })
        let files = try ModelDirectory(
            path("lm"), codec: path("codec"), tokenizer: path("tokenizer"),
            flavor: #require(ModelFlavor(rawValue: version.rawValue) as ModelFlavor?))
        languageModel = try LoadedModels.languageModel(files.languageModel)
        codec = try LoadedModels.codec(files.codec)

        let configuration = languageModel.configuration
        let first = try #require(facts["speech_token_range"][0].int)
        let end = try #require(facts["speech_token_range"][1].int)
        var rules = GenerationRules(configuration, endOfSpeech: try #require(facts["end_of_speech_id"].int))
        rules.speechTokens = Int32(first)..<Int32(end)
        self.rules = rules
        prompts = try PromptBuilder(
            tokenizer: LoadedModels.tokenizer(#require(files.languageModel.tokenizerFolder)), version: version,
            pattern: DelayPattern(
                textPad: configuration.padToken, speechPad: configuration.speechPadToken,
                channels: configuration.channels, speechTokenStart: first),
            layout: PromptLayout(systemText: #require(facts["system_prompt"].string)))

        let generation = try files.languageModel.generation(channels: configuration.channels)
            .replacing(facts["generation"])
        sampling = ChannelSampling.perChannel(generation)
        maxNewTokens = try #require(generation.newTokensMax, "\(golden) states no max_new_tokens")
        silenceSeconds = try #require(facts["silence_duration"].double)
        normalize = try #require(facts["use_normalize"].bool as Bool?)
    }
}

extension GenerationConfiguration {
    /// With the values of `overrides` in the place of the file's; a name that this test does not know fails.
    func replacing(_ overrides: JSONValue) throws -> GenerationConfiguration {
        var replaced = self
        for (name, value) in overrides.object {
            switch name {
            case "do_samples":
                replaced.doSamples = try value.array.map { try #require($0.bool as Bool?) }
            case "layers":
                replaced.channels = try value.array.map { try Channel(golden: $0) }
            case "max_new_tokens":
                replaced.newTokensMax = try #require(value.int as Int?)
            default:
                Issue.record("generation.\(name) is a fact that nothing reads")
            }
        }
        try #require(replaced.doSamples.count == channels.count && replaced.channels.count == channels.count)
        return replaced
    }
}

extension GenerationConfiguration.Channel {
    /// An entry of `layers`.
    init(golden layer: JSONValue) throws {
        self.init()
        for (name, value) in layer.object {
            switch name {
            case "repetition_penalty": repetitionPenalty = try #require(value.double as Double?)
            case "temperature": temperature = try #require(value.double as Double?)
            case "top_k": topK = try #require(value.int as Int?)
            case "top_p": topP = try #require(value.double as Double?)
            default: Issue.record("generation.layers[].\(name) is a fact that nothing reads")
            }
        }
    }
}

extension GoldenCase {
    /// The items of the case, as their JSON reads in its version.
    func dialogueItems() throws -> [DialogueItem] {
        let version = try #require(facts["version"].string.flatMap { DialogueVersion(rawValue: $0) })
        let items = facts["items"].array
        try #require(!items.isEmpty, "\(name) has no items")
        return try items.map { try DialogueItem(json: Array($0["item"].jsonBytes()), version: version) }
    }
}

extension PipelineItem {
    init(_ item: DialogueItem, of golden: GoldenCase) throws {
        script = try #require(item.text)
        promptText = item.promptText ?? ""
        promptFiles = try item.promptFiles().map { path in
            path.hasPrefix("/") ? URL(filePath: path) : golden.resolve(path)
        }
    }
}

/// Each case, run once for all tests.
actor GoldenRuns {
    static let shared = GoldenRuns()
    private var runs: [String: Task<PipelineRun, any Error>] = [:]

    func run(_ golden: GoldenCase) async throws -> PipelineRun {
        let task =
            runs[golden.name]
            ?? Task { try await Pipeline(golden).run(golden.dialogueItems().map { try PipelineItem($0, of: golden) }) }
        runs[golden.name] = task
        do {
            return try await task.value
        } catch {
            // What failed by `#require` counts as told already, but in one test only, the first.
            let reason = error is ExpectationFailedError ? "what it needs was not there" : "\(error)"
            throw NoRun(golden: golden.name, reason: reason)
        }
    }

    struct NoRun: Error, CustomStringConvertible {
        let golden: String
        let reason: String
        var description: String { "\(golden) did not run: \(reason)" }
    }
}
