import ArgumentParser
import Contracts
import Foundation
import ServiceKit
import Wire

/// `colloquy voices`: the voice library.
struct Voices: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Keep voices: add, list, show, rename, remove.",
        subcommands: [ListVoices.self, AddVoice.self, ShowVoice.self, RenameVoice.self, RemoveVoice.self],
        defaultSubcommand: ListVoices.self)
}

/// What every command about voices takes.
struct VoiceOptions: ParsableArguments {
    @OptionGroup var suite: SuiteOptions
    @Flag(help: "One JSON object a voice, for machines.")
    var json = false

    func with(_ work: @escaping @Sendable (any Caller) async throws -> [VoiceSummary]) async throws {
        let voices = try await untilSignalled { [suite] in
            try await Suite.with(suite) { try await work($0.client) }
        }
        for voice in voices { print(json ? try voice.json : voice.line) }
    }
}

struct ListVoices: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List voices by name.")
    @OptionGroup var options: VoiceOptions
    @Argument(help: "A part of the name or of the transcript.")
    var search: String = ""

    func run() async throws {
        try await options.with { [search] caller in
            var voices: [VoiceSummary] = []
            var after = ""
            while true {
                let page = try await caller.ask(
                    Methods.listVoices, ListVoicesRequest(limit: 100, after: after, search: search),
                    options: CallOptions())
                voices += page.voices
                guard let next = page.next else { return voices }
                after = next
            }
        }
    }
}

struct AddVoice: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add a voice: a sound file of 1 to 30 s, and what is said in it.")
    @OptionGroup var options: VoiceOptions
    @Argument(help: "The voice's name.")
    var name: String
    @Argument(help: "A sound file: WAV, FLAC, Ogg, MP3, AIFF …")
    var file: String
    @Option(help: "What is said in the file, word for word.")
    var text: String
    @Option(help: "The language, as BCP 47 has it: en, zh.")
    var language = ""
    @Flag(help: "Replace a voice of this name.")
    var replace = false

    func run() async throws {
        let audio = try InputFile.bytes(file, bytesMax: ContractLimits.audioBytesMax)
        let request = AddVoiceRequest(name: name, transcript: text, language: language, audio: audio, replace: replace)
        try await options.with { caller in
            [try await caller.ask(Methods.addVoice, request, options: CallOptions(budget: .seconds(600))).voice]
        }
    }
}

struct ShowVoice: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show a voice.")
    @OptionGroup var options: VoiceOptions
    @Argument(help: "A name or an id.")
    var voice: String

    func run() async throws {
        try await options.with { [voice] caller in
            [try await caller.ask(Methods.getVoice, VoiceRequest(voice: voice), options: CallOptions()).voice]
        }
    }
}

struct RenameVoice: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "rename", abstract: "Give a voice another name.")
    @OptionGroup var options: VoiceOptions
    @Argument(help: "A name or an id.")
    var voice: String
    @Argument(help: "The new name.")
    var name: String

    func run() async throws {
        try await options.with { [voice, name] caller in
            [
                try await caller.ask(
                    Methods.renameVoice, RenameVoiceRequest(voice: voice, name: name), options: CallOptions()
                ).voice
            ]
        }
    }
}

struct RemoveVoice: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "remove", abstract: "Remove a voice for good.")
    @OptionGroup var options: VoiceOptions
    @Argument(help: "A name or an id.")
    var voice: String

    func run() async throws {
        try await options.with { [voice] caller in
            [try await caller.ask(Methods.removeVoice, VoiceRequest(voice: voice), options: CallOptions()).voice]
        }
    }
}

extension VoiceSummary {
    /// For people.
    fileprivate var line: String {
        let seconds = (durationSeconds * 10).rounded() / 10
        let origin = builtin ? ", built in" : ""
        return "\(name)  (\(language.isEmpty ? "?" : language), \(seconds) s\(origin))  \(transcript)"
    }

    fileprivate var json: String {
        get throws {
            struct Fields: Encodable {
                let id, name, transcript, language, audioSha256: String
                let audioBytes: Int
                let durationSeconds: Double
                let sampleRate: Int
                let createdAt, updatedAt: String
                let codecHashes: [String]
                let builtin: Bool
            }
            return try JSONLine.text(
                Fields(
                    id: id, name: name, transcript: transcript, language: language, audioSha256: audioHash,
                    audioBytes: audioBytes, durationSeconds: durationSeconds, sampleRate: sampleRate,
                    createdAt: createdAt, updatedAt: updatedAt, codecHashes: codecHashes, builtin: builtin))
        }
    }
}
