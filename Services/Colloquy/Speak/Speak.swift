import ArgumentParser
import Audio
import Contracts
import Foundation
import ServiceKit

/// `colloquy speak`: a script becomes a sound file; with `--jsonl`, each row of a file becomes one.
struct Speak: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Speak a dialogue into a sound file.",
        discussion: """
            colloquy speak --voice S1=anna --voice S2=david "[S1]Hello.[S2]Hello to you."
            colloquy speak --prompt S1=a.wav --prompt-text S1="What a.wav says." --output hello.flac script.txt
            colloquy speak --jsonl dialogues.jsonl --output folder
            colloquy speak --output - script.txt | aplay

            Starts the suite for itself when none runs.
            """)

    @Argument(help: "The script: text with tags, a file, or - for standard input (the default when it is no terminal).")
    var script: String?
    @Option(help: "A JSONL file of dialogues, in any published form.")
    var jsonl: String?
    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "The sound file (default: dialogue.wav), replaced when there; with --jsonl a folder (default: dialogues); - for "
                + "WAV on standard output while it is made.")
    )
    var output: String?
    @Option(help: "\(AudioFormat.allowedNames) (default: by the output's extension, else wav).")
    var format: String?
    @Option(help: "With --jsonl: dialogues under way at once.")
    var jobs = 4
    @Flag(help: "Tell the result as JSON on standard output, for machines.")
    var json = false
    @OptionGroup var speakers: SpeakerOptions
    @OptionGroup var options: SpeakOptions
    @OptionGroup var suite: SuiteOptions

    func validate() throws {
        guard jsonl == nil || script == nil else { throw ValidationError("a script or --jsonl, not both") }
        guard !isLive || (jsonl == nil && !json && format == nil) else {
            throw ValidationError("--output - gives WAV of one dialogue alone; leave --jsonl, --json and --format out")
        }
        guard (1...256).contains(jobs) else { throw ValidationError("--jobs: allowed is 1...256") }
    }

    func run() async throws {
        if let jsonl {
            try await speakRows(of: jsonl)
        } else {
            try await speakOne()
        }
    }

    private func speakOne() async throws {
        let text = try ScriptSource.text(script)
        let target = try target()
        let named = try speakers.speakers()
        let progress = ProgressLine(isQuiet: json)
        let outcome = try await untilSignalled { [self] in
            try await Suite.with(suite, tell: progress.note) { suite in
                var cast = named
                if cast.isEmpty, !speakers.noVoice {
                    cast = try await SpeakerSource.builtin(for: text, from: suite.client)
                    if !cast.isEmpty { progress.note("voices: \(cast.words); name others with --voice") }
                }
                let job = SpeakJob(
                    request: options.request(
                        script: text, speakers: cast, delivery: isLive ? .early : .settled),
                    target: target, budget: .seconds(options.timeout))
                return try await job.run(on: suite.client, progress: progress)
            }
        }
        progress.finish()
        if isLive {
            // Standard output is the sound's.
            progress.note(outcome.words)
        } else {
            print(json ? try JSONLine.text(outcome.record) : outcome.words)
        }
    }

    /// Whether the sound is for someone who listens while it is made.
    private var isLive: Bool { output == SoundTarget.dash }

    private func target() throws -> SoundTarget {
        if isLive { return .standardOutput }
        let ending = try format.map { try AudioFormat(name: $0).fileExtension }
        let path = output ?? "dialogue.\(ending ?? AudioFormat.wav.fileExtension)"
        return .file(path: path, format: try chosenFormat(for: path))
    }

    private func speakRows(of jsonl: String) async throws {
        guard try speakers.speakers().isEmpty else {
            throw ServiceFailure(.usage, "--jsonl names its voices itself; leave --voice and --prompt out")
        }
        let folder = output ?? "dialogues"
        let format = try chosenFormat(for: nil)
        let rows = try DialogueRows(file: jsonl, folder: folder, format: format, options: options)
        let progress = ProgressLine(isQuiet: json)
        let manifest = try await untilSignalled { [suite, jobs] in
            try await Suite.with(suite, tell: progress.note) { suite in
                try await rows.speak(on: suite.client, jobs: jobs, progress: progress)
            }
        }
        progress.finish()
        if json {
            for record in manifest.records { print(try JSONLine.text(record)) }
        } else {
            print(manifest.words)
        }
        if let failure = manifest.failure { throw failure }
    }

    private func chosenFormat(for path: String?) throws -> AudioFormat {
        if let format { return try AudioFormat(name: format) }
        guard let path else { return .wav }
        return try AudioFormat(path: path)
    }
}

extension [SpeakerSource] {
    fileprivate var words: String {
        map { speaker in
            let tag = speaker.number.map { "S\($0)" } ?? "all"
            return if case .voice(let name) = speaker.source { "\(tag)=\(name)" } else { "\(tag)=(a prompt)" }
        }.joined(separator: ", ")
    }
}
