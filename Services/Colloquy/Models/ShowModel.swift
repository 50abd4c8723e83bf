import ArgumentParser
import Checkpoint
import Foundation
import LanguageModel
import ModelLoading
import Printing
import ServiceKit

/// `colloquy models show`
struct ShowModel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Describe a model: sizes, rates, sampling, and the memory it takes.")
    @OptionGroup var options: ModelOptions
    @Argument(help: "The folder of a checkpoint (default: the configured model, or the embedded one).")
    var path: String?
    @Flag(help: "One JSON object, for machines.")
    var json = false

    func run() async throws {
        let settings = try options.settings(model: path)
        let summary = try ModelSummary(InstalledModel(settings: settings))
        let precision = summary.precision(settings.precision)
        print(json ? try JSONLine.text(ModelFields(summary, precision)) : summary.text(precision))
    }
}

extension ModelSummary {
    fileprivate func text(_ precision: WeightPrecision) -> String {
        let model = languageModel
        var table = TextTable()
        table.add("name", name)
        table.add("path", path)
        table.add("flavor", flavor.rawValue)
        table.add("language model", words(languageModelWeights))
        table.add(
            "  sizes",
            "\(model.layers) layers of \(model.hiddenSize), \(model.attentionHeads) heads of \(model.headSize) over "
                + "\(model.keyValueHeads), feed-forward \(model.intermediateSize)")
        table.add(
            "  ids", "\(model.vocabularySize), \(model.channels) channels, \(model.speechVocabularySize) ids of speech")
        table.add("  context", "\(model.positionsMax) rows")
        table.add("tokenizer", tokenizerSize.map { "\($0) ids" } ?? "none")
        for group in sampling { table.add("sampling, \(group.place)", group.words) }
        table.add("codec", words(codecWeights))
        table.add(
            "  rates",
            "\(codec.inputSampleRate) Hz in, \(Quantity.number(codec.frameRate)) frames/s, \(codec.outputSampleRate) Hz out"
        )
        table.add("  codes", "\(codec.quantizer.codebooks) codebooks of \(codec.quantizer.codebookSize)")
        table.add(
            "memory, generator",
            "\(Quantity.bytes(generatorBytes(rows: 0, precision: precision))) of weights (\(precision.rawValue)) + \(Quantity.bytes(cacheBytesPerRow)) a row of every "
                + "running dialogue (one of a minute, behind prompts of 20 s: \(rowsOfAMinute) rows, "
                + "\(Quantity.bytes(rowsOfAMinute * cacheBytesPerRow)))")
        table.add("memory, codec", "\(Quantity.bytes(codecBytes)) of weights in f32, and the buffers of a window")
        return table.text
    }

    private func words(_ weights: Weights) -> String {
        "\(Quantity.count(weights.parameters)) parameters, \(weights.precision), \(Quantity.bytes(weights.storedBytes))"
    }
}

extension ModelSummary.Sampling {
    fileprivate var place: String {
        channels.count == 1
            ? "channel \(channels.lowerBound)" : "channels \(channels.lowerBound) to \(channels.upperBound)"
    }

    fileprivate var words: String {
        guard isDrawn else { return "the best one" }
        let settings = [
            processors.temperature.map { "temperature \($0)" }, processors.topK.map { "top-k \($0)" },
            processors.topP.map { "top-p \($0)" }, processors.repetitionPenalty.map { "repetition penalty \($0)" },
        ].compactMap { $0 }
        return settings.isEmpty ? "drawn as the model says" : settings.joined(separator: ", ")
    }
}

/// The description for machines.
private struct ModelFields: Encodable {
    struct Half: Encodable {
        let parameters, storedBytes: Int
        let precision: String

        init(_ weights: ModelSummary.Weights) {
            parameters = weights.parameters
            storedBytes = weights.storedBytes
            precision = weights.precision
        }
    }
    struct Sampling: Encodable {
        let firstChannel, lastChannel: Int
        let isDrawn: Bool
        let temperature, topP, repetitionPenalty: Double?
        let topK: Int?
    }

    let name, path, flavor: String
    let languageModel, codec: Half
    let layers, hiddenSize, intermediateSize, attentionHeads, keyValueHeads, headSize: Int
    let vocabulary, channels, speechVocabulary, positionsMax: Int
    let tokenizer: Int?
    let codebooks, codebookSize, inputSampleRate, outputSampleRate: Int
    let frameRate: Double
    let sampling: [Sampling]
    /// What the generator makes of its weights.
    let generatorPrecision: String
    let generatorBytes, cacheBytesPerRow, codecBytes: Int

    init(_ summary: ModelSummary, _ precision: WeightPrecision) {
        name = summary.name
        path = summary.path
        flavor = summary.flavor.rawValue
        languageModel = Half(summary.languageModelWeights)
        codec = Half(summary.codecWeights)
        layers = summary.languageModel.layers
        hiddenSize = summary.languageModel.hiddenSize
        intermediateSize = summary.languageModel.intermediateSize
        attentionHeads = summary.languageModel.attentionHeads
        keyValueHeads = summary.languageModel.keyValueHeads
        headSize = summary.languageModel.headSize
        vocabulary = summary.languageModel.vocabularySize
        channels = summary.languageModel.channels
        speechVocabulary = summary.languageModel.speechVocabularySize
        positionsMax = summary.languageModel.positionsMax
        tokenizer = summary.tokenizerSize
        codebooks = summary.codec.quantizer.codebooks
        codebookSize = summary.codec.quantizer.codebookSize
        inputSampleRate = summary.codec.inputSampleRate
        outputSampleRate = summary.codec.outputSampleRate
        frameRate = summary.codec.frameRate
        sampling = summary.sampling.map {
            Sampling(
                firstChannel: $0.channels.lowerBound, lastChannel: $0.channels.upperBound, isDrawn: $0.isDrawn,
                temperature: $0.processors.temperature, topP: $0.processors.topP,
                repetitionPenalty: $0.processors.repetitionPenalty, topK: $0.processors.topK)
        }
        generatorPrecision = precision.rawValue
        generatorBytes = summary.generatorBytes(rows: 0, precision: precision)
        cacheBytesPerRow = summary.cacheBytesPerRow
        codecBytes = summary.codecBytes
    }
}
