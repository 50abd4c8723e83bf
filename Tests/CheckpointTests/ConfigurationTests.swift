import Checkpoint
import Foundation
import TestSupport
import Testing

/// A change of one text in a sound configuration, and the error it must end in.
struct BadField: Sendable, CustomTestStringConvertible {
    let old: String
    let new: String
    let kind: CheckpointError.Kind
    let subject: String?

    init(_ old: String, _ new: String, _ kind: CheckpointError.Kind, _ subject: String? = nil) {
        self.old = old
        self.new = new
        self.kind = kind
        self.subject = subject
    }

    var testDescription: String { new.isEmpty ? "without \(old)" : new }

    func expectRefusal(in sound: String, as name: String, _ open: (URL) throws -> Void) throws {
        #expect(sound.contains(old))
        let scratch = try ScratchFolder()
        let url = scratch.url.appending(path: name)
        try Data(sound.replacingOccurrences(of: old, with: new).utf8).write(to: url)
        let error = try #require(throws: CheckpointError.self) { try open(url) }
        #expect(error.kind == kind, "\(error)")
        #expect(error.subject == subject, "\(error)")
        #expect(error.file == url.path)
    }
}

@Suite struct LanguageModelConfigurationTests {
    private func read(_ text: String) throws -> LanguageModelConfiguration {
        let scratch = try ScratchFolder()
        let url = scratch.url.appending(path: "config.json")
        try Data(text.utf8).write(to: url)
        return try LanguageModelConfiguration(file: url)
    }

    private func readWithout(_ fields: String...) throws -> LanguageModelConfiguration {
        try read(fields.reduce(Configurations.languageModelJSON) { $0.replacingOccurrences(of: $1, with: "") })
    }

    @Test func readsEveryField() throws {
        let configuration = try read(Configurations.languageModelJSON)
        #expect(configuration.vocabularySize == 40)
        #expect(configuration.hiddenSize == 16)
        #expect(configuration.intermediateSize == 24)
        #expect(configuration.layers == 2)
        #expect(configuration.attentionHeads == 4)
        #expect(configuration.keyValueHeads == 2)
        #expect(configuration.headSize == 8)
        #expect(configuration.normEpsilon == 1e-6)
        #expect(configuration.ropeTheta == 1e6)
        #expect(configuration.tiesWordEmbeddings)
        #expect(configuration.channels == 3)
        #expect(configuration.speechVocabularySize == 9)
        #expect(configuration.speechPadToken == 8)
        #expect(configuration.speechTokenRange == 20..<28)
        #expect(configuration.padToken == 5)
        #expect(configuration.beginToken == 5)
        #expect(configuration.endToken == 6)
        #expect(configuration.speechEndToken == nil)
        #expect(configuration.architecture == "AsteroidTTSInstruct")
        #expect(configuration.modelType == "qwen3")
    }

    /// What the reference's class supplies when a file is silent.
    @Test func takesTheDefaultsOfTheReference() throws {
        let configuration = try readWithout(
            "\"head_dim\": 8,", "\"channels\": 3,", "\"rms_norm_eps\": 1e-06,", "\"rope_theta\": 1000000.0,",
            "\"speech_vocab_size\": 9,", "\"speech_pad_token\": 8,", "\"bos_token_id\": 5,")
        #expect(configuration.headSize == 4)
        #expect(configuration.channels == 8)
        #expect(configuration.normEpsilon == 1e-6)
        #expect(configuration.ropeTheta == 10_000)
        #expect(configuration.speechVocabularySize == 1025)
        #expect(configuration.speechPadToken == 1024)
        #expect(configuration.beginToken == nil)
    }

    @Test func letsOneOfPadAndEndStandForTheOther() throws {
        #expect(try readWithout("\"pad_token_id\": 5,").padToken == 6)
        #expect(try readWithout("\"eos_token_id\": 6, ").endToken == 5)
    }

    @Test func readsTheRotationOfNewerWriters() throws {
        let newer = Configurations.languageModelJSON.replacingOccurrences(
            of: "\"rope_theta\": 1000000.0", with: #""rope_parameters": {"rope_theta": 5e5, "rope_type": "default"}"#)
        #expect(try read(newer).ropeTheta == 5e5)
    }

    @Test(arguments: [
        BadField("\"vocab_size\": 40", "\"vocab_size\": 0", .badValue, "vocab_size"),
        BadField("\"vocab_size\": 40", "\"vocab_size\": 4000000000000", .badValue, "vocab_size"),
        BadField("\"vocab_size\": 40", "\"vocab_size\": 27", .badValue, "speech_token_range"),
        BadField("\"vocab_size\": 40,", "", .missing, "vocab_size"),
        BadField("\"hidden_size\": 16", "\"hidden_size\": \"16\"", .badValue, "hidden_size"),
        BadField("\"hidden_size\": 16", "\"hidden_size\": 16.5", .badValue, "hidden_size"),
        BadField("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 100000", .badValue, "num_hidden_layers"),
        BadField("\"num_key_value_heads\": 2", "\"num_key_value_heads\": 3", .badValue, "num_key_value_heads"),
        BadField("\"head_dim\": 8", "\"head_dim\": 7", .badValue, "head_dim"),
        BadField("\"rms_norm_eps\": 1e-06", "\"rms_norm_eps\": -1", .badValue, "rms_norm_eps"),
        BadField("\"channels\": 3", "\"channels\": 65", .badValue, "channels"),
        BadField("\"speech_pad_token\": 8", "\"speech_pad_token\": 9", .badValue, "speech_pad_token"),
        BadField("\"speech_pad_token\": 8,", "", .badValue, "speech_pad_token"),
        BadField("[20, 28]", "[28, 20]", .badValue, "speech_token_range"),
        BadField("[20, 28]", "[20]", .badValue, "speech_token_range"),
        BadField("[20, 28]", "[20, \"28\"]", .badValue, "speech_token_range"),
        BadField("\"speech_token_range\": [20, 28],", "", .missing, "speech_token_range"),
        BadField("\"pad_token_id\": 5", "\"pad_token_id\": 40", .badValue, "pad_token_id"),
        BadField("\"silu\"", "\"gelu\"", .unsupported, "hidden_act"),
        BadField("\"rope_scaling\": null", "\"rope_scaling\": {\"type\": \"yarn\"}", .unsupported, "rope_scaling"),
        BadField("\"channels\": 3", "\"channels\": 3, \"channels\": 3", .duplicate, "channels"),
        BadField("{\"arch", "[{\"arch", .malformed),
        BadField("1e-06", "1e-06x", .malformed),
        BadField("1e-06", "NaN", .malformed),
    ])
    func refusesABadField(_ field: BadField) throws {
        try field.expectRefusal(in: Configurations.languageModelJSON, as: "config.json") {
            _ = try LanguageModelConfiguration(file: $0)
        }
    }
}

@Suite struct GenerationConfigurationTests {
    private func read(_ text: String) throws -> GenerationConfiguration {
        let scratch = try ScratchFolder()
        let url = scratch.url.appending(path: "generation_config.json")
        try Data(text.utf8).write(to: url)
        return try GenerationConfiguration(file: url, channels: 3)
    }

    @Test func readsEachChannelsOwnSetting() throws {
        let generation = try read(Configurations.generationJSON)
        #expect(generation.isPerChannel)
        #expect(generation.doSamples == [true, false, true])
        #expect(
            generation.channels == [
                .init(repetitionPenalty: 1.2, temperature: 1.1, topK: 5, topP: 0.9), .init(), .init(topK: 3),
            ])
        #expect(generation.endTokens == [6])
        #expect(generation.newTokensMax == 12)
        #expect(generation.lengthMax == nil)
    }

    @Test(arguments: [
        #"{"do_sample": true, "temperature": 1, "top_k": 7, "eos_token_id": [6, 7]}"#,
        #"{"do_sample": true, "temperature": 1.0, "top_k": 7, "do_samples": null, "layers": [{}], "eos_token_id": [6, 7]}"#,
    ])
    func usesOneSettingForAllChannelsWhereTheFileHasNoLists(text: String) throws {
        let generation = try read(text)
        #expect(!generation.isPerChannel)
        #expect(generation.doSamples == [true, true, true])
        #expect(generation.channels == Array(repeating: .init(temperature: 1, topK: 7), count: 3))
        #expect(generation.endTokens == [6, 7])
    }

    @Test(arguments: [
        BadField("[true, false, true]", "[true, false]", .badValue, "do_samples"),
        BadField("[true, false, true]", "[true, false, 1]", .badValue, "do_samples[2]"),
        BadField("{}, ", "", .badValue, "layers"),
        BadField("{}, ", "3, ", .malformed, "layers[1]"),
        BadField("\"temperature\": 1.1", "\"temperature\": 0", .badValue, "layers[0].temperature"),
        BadField("\"top_p\": 0.9", "\"top_p\": 1.5", .badValue, "layers[0].top_p"),
        BadField("\"top_k\": 5", "\"top_k\": -5", .badValue, "layers[0].top_k"),
        BadField(
            "\"repetition_penalty\": 1.2", "\"repetition_penalty\": -1", .badValue, "layers[0].repetition_penalty"),
        BadField("\"eos_token_id\": 6", "\"eos_token_id\": [6, \"7\"]", .badValue, "eos_token_id"),
        BadField("\"max_new_tokens\": 12", "\"max_new_tokens\": 0", .badValue, "max_new_tokens"),
    ])
    func refusesABadField(_ field: BadField) throws {
        try field.expectRefusal(in: Configurations.generationJSON, as: "generation_config.json") {
            _ = try GenerationConfiguration(file: $0, channels: 3)
        }
    }
}
