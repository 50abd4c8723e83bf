import ArgumentParser
import Contracts
import Foundation
import ServiceKit
import Wire

/// Who speaks: `--voice S1=alice`, or `--prompt S1=a.wav --prompt-text S1="…"`, or one file with all speakers.
struct SpeakerOptions: ParsableArguments {
    @Option(
        name: .customLong("voice"), help: ArgumentHelp("A voice of the library for a speaker.", valueName: "S1=name"))
    var voices: [String] = []
    @Option(
        name: .customLong("prompt"),
        help: ArgumentHelp(
            "A sound file for a speaker; without S1= it has all speakers.", valueName: "S1=file"))
    var prompts: [String] = []
    @Option(
        name: .customLong("prompt-text"),
        help: ArgumentHelp("What is said in the file, word for word.", valueName: "S1=text"))
    var promptTexts: [String] = []
    @Flag(help: "Let the model choose voices, even where the library has some built in.")
    var noVoice = false

    /// - Throws: `ServiceFailure` for what cannot be meant, or a file that cannot be read.
    func speakers() throws(ServiceFailure) -> [SpeakerSource] {
        var sources: [Int?: SpeakerSource.Source] = [:]
        func take(_ number: Int?, _ source: SpeakerSource.Source) throws(ServiceFailure) {
            guard sources.updateValue(source, forKey: number) == nil else {
                throw ServiceFailure(.usage, "\(Self.tag(number)) has two voices")
            }
        }
        for text in voices {
            let (number, name) = Self.split(text)
            guard let number else {
                throw ServiceFailure(.usage, "--voice \(text): say for whom, as in S1=\(text)")
            }
            try take(number, .voice(name))
        }
        var texts: [Int?: String] = [:]
        for text in promptTexts {
            let (number, transcript) = Self.split(text)
            texts[number] = transcript
        }
        for text in prompts {
            let (number, path) = Self.split(text)
            let audio = try InputFile.bytes(path, bytesMax: ContractLimits.audioBytesMax)
            try take(number, .prompt(audio: audio, text: texts.removeValue(forKey: number) ?? ""))
        }
        if let (number, _) = texts.first {
            throw ServiceFailure(.usage, "--prompt-text for \(Self.tag(number)), but no --prompt")
        }
        guard sources[nil] == nil || sources.count == 1 else {
            throw ServiceFailure(.usage, "a prompt with all speakers stands alone; leave the other voices out")
        }
        return sources.sorted { ($0.key ?? 0) < ($1.key ?? 0) }.map { SpeakerSource(number: $0.key, source: $0.value) }
    }

    /// `S1=alice` is speaker 1 and `alice`; anything else is for all speakers.
    private static func split(_ text: String) -> (number: Int?, value: String) {
        guard let match = text.prefixMatch(of: /[Ss]([1-9][0-9]?)=/), let number = Int(match.1) else {
            return (nil, text)
        }
        return (number, String(text[match.range.upperBound...]))
    }

    private static func tag(_ number: Int?) -> String { number.map { "S\($0)" } ?? "all speakers" }
}

extension SpeakerSource {
    /// Voices that came with the model, for a dialogue for which nobody named one: a voice that is known beats one that
    /// the model invents.
    static func builtin(for script: String, from caller: any Caller) async throws -> [SpeakerSource] {
        let page = try await caller.ask(Methods.listVoices, ListVoicesRequest(limit: 500), options: CallOptions())
        let names = page.voices.filter(\.builtin).map(\.name)
        let speakers = Set(script.matches(of: /\[S([1-9][0-9]?)\]/).compactMap { Int($0.1) }).sorted()
        guard let last = (speakers.isEmpty ? [1] : speakers).last, last <= names.count else { return [] }
        return (speakers.isEmpty ? [1] : speakers).map { SpeakerSource(number: $0, source: .voice(names[$0 - 1])) }
    }
}
