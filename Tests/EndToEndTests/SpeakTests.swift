import Audio
import Foundation
import TestSupport
import Testing

/// `colloquy speak` as its users run it, with the embedded model.
@Suite struct SpeakTests {
    static let script = "[S1]Hello, welcome to the show.[S2]Thank you.[S1]I like music.[S2]I really like music."

    /// Facts that `--json` tells.
    private func facts(_ outcome: Command.Outcome) throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: Data(outcome.output.utf8))
    }

    @Test func startsASuiteForItselfAndLeavesNothingBehind() async throws {
        let home = try Home()
        let file = home.path("talk.wav")
        let before = Set(
            try FileManager.default.contentsOfDirectory(atPath: "/tmp").filter { $0.hasPrefix("colloquy-") })
        let outcome = try await home.colloquy(
            "speak", "--json", "--seed", "7", "--voice", "S1=anna", "--voice", "S2=david", "-o", file, Self.script)
        try #require(outcome.isSuccess, "\(outcome.errors)")
        let facts = try facts(outcome)
        let clip = try AudioClip(path: file)
        #expect(clip.sampleCount == facts["samples"].int)
        #expect(clip.sampleRate == facts["sample_rate"].int)
        #expect(facts["seed"].int == 7)
        #expect(clip.durationSeconds > 1)
        #expect(clip.channels[0].contains { abs($0) > 0.05 }, "the file is silent")
        let after = Set(
            try FileManager.default.contentsOfDirectory(atPath: "/tmp").filter { $0.hasPrefix("colloquy-") })
        #expect(after.subtracting(before).isEmpty)
    }

    /// Each has a suite of its own; the library is one.
    @Test func severalAtOnceWithoutASuiteShareTheLibrary() async throws {
        let home = try Home()
        try await withThrowingTaskGroup(of: Command.Outcome.self) { group in
            for index in 0..<3 {
                group.addTask {
                    try await home.colloquy(
                        "speak", "--json", "--seed", "7", "--voice", "S1=anna", "--voice", "S2=david", "-o",
                        home.path("\(index).wav"), Self.script)
                }
            }
            for try await outcome in group { #expect(outcome.isSuccess, "\(outcome.errors)") }
        }
        let sounds = try (0..<3).map { try Data(contentsOf: URL(filePath: home.path("\($0).wav"))) }
        #expect(Set(sounds).count == 1)
    }

    @Test(arguments: ["wav", "wav-float", "flac", "opus", "mp3"])
    func writesEveryFormat(format: String) async throws {
        try await RunningSuite.with { suite in
            let file = suite.home.path("talk.out")
            let outcome = try await suite.home.colloquy(
                "speak", "--json", "--seed", "7", "--format", format, "-o", file, Self.script)
            try #require(outcome.isSuccess, "\(outcome.errors)")
            let clip = try AudioClip(path: file)
            let seconds = try #require(try facts(outcome)["duration_seconds"].double)
            #expect(abs(clip.durationSeconds - seconds) < 0.2)
        }
    }

    @Test func takesTheScriptFromAFileAndFromStandardInputAlike() async throws {
        try await RunningSuite.with { suite in
            let home = suite.home
            let script = home.path("script.txt")
            try Self.script.write(toFile: script, atomically: true, encoding: .utf8)
            var sounds: [Data] = []
            for (name, argument) in [("argument", Self.script), ("file", script), ("stdin", "-")] {
                let file = home.path("\(name).wav")
                let outcome = try await home.colloquy(
                    "speak", "--json", "--seed", "7", "-o", file, argument, input: argument == "-" ? Self.script : "")
                try #require(outcome.isSuccess, "\(name): \(outcome.errors)")
                sounds.append(try Data(contentsOf: URL(filePath: file)))
            }
            #expect(sounds[0] == sounds[1])
            #expect(sounds[0] == sounds[2])
        }
    }

    @Test func speaksWithOwnPromptsAndWithOneFileForBoth() async throws {
        let prompts = SharedFolder.packageRoot.appending(path: "Shared/DemoVoice/Model/prompts")
        try await RunningSuite.with { suite in
            let outcome = try await suite.home.colloquy(
                "speak", "--json", "--seed", "7", "-o", suite.home.path("own.wav"),
                "--prompt", "S1=\(prompts.path)/anna.wav",
                "--prompt-text", "S1=I think so too. I have ten friends. I really like the weather.",
                "--prompt", "S2=\(prompts.path)/david.wav",
                "--prompt-text", "S2=My friend has a great computer. It will be windy tomorrow.", Self.script)
            try #require(outcome.isSuccess, "\(outcome.errors)")
            // The same prompts by name: the same sound, whether codes are kept or made.
            let named = try await suite.home.colloquy(
                "speak", "--json", "--seed", "7", "-o", suite.home.path("named.wav"), "--voice", "S1=anna", "--voice",
                "S2=david", Self.script)
            try #require(named.isSuccess, "\(named.errors)")
            #expect(
                try Data(contentsOf: URL(filePath: suite.home.path("own.wav")))
                    == Data(contentsOf: URL(filePath: suite.home.path("named.wav"))))
            let both = try await suite.home.colloquy(
                "speak", "--json", "-o", suite.home.path("both.wav"), "--prompt", "\(prompts.path)/anna.wav",
                "--prompt-text", "[S1]I think so too.", "--max-seconds", "5", Self.script)
            #expect(both.isSuccess, "\(both.errors)")
        }
    }

    @Test func speaksEveryRowOfAJSONLFileAndWritesAManifest() async throws {
        let rows = SharedFolder.url.appending(path: "audio/examples.jsonl")
        let count = try String(contentsOf: rows, encoding: .utf8).split(separator: "\n").count
        let home = try Home()
        let outcome = try await home.colloquy(
            "speak", "--jsonl", rows.path, "--max-seconds", "4", "--seed", "3", "-o", home.path("rows"))
        try #require(outcome.isSuccess, "\(outcome.errors)")
        let manifest = try String(contentsOfFile: home.path("rows/manifest.jsonl"), encoding: .utf8)
            .split(separator: "\n").map { try JSONDecoder().decode(JSONValue.self, from: Data($0.utf8)) }
        #expect(manifest.count == count)
        for (index, line) in manifest.enumerated() {
            #expect(line["row"].int == index + 1)
            #expect(try AudioClip(path: try #require(line["path"].string)).sampleCount == line["samples"].int)
        }
    }

    struct Mistake: Sendable, CustomTestStringConvertible {
        let arguments: [String]
        let exitCode: Int32
        let tells: [String]
        var testDescription: String { arguments.joined(separator: " ") }
    }

    @Test(arguments: [
        Mistake(arguments: ["[S1]Hi.[S9]Who?"], exitCode: 65, tells: ["S9"]),
        Mistake(arguments: ["--no-voice", "[S1]Hi.\nAnd [S9]Who?"], exitCode: 65, tells: ["line 2, column 5", "S9"]),
        Mistake(arguments: ["--voice", "S1=nobody", "[S1]Hi."], exitCode: 66, tells: ["nobody", "voices list"]),
        Mistake(arguments: ["--voice", "anna", "[S1]Hi."], exitCode: 64, tells: ["S1=anna"]),
        Mistake(arguments: ["--temperature", "0", "[S1]Hi."], exitCode: 65, tells: ["temperature"]),
        Mistake(arguments: ["--max-seconds", "-1", "[S1]Hi."], exitCode: 64, tells: ["max-seconds"]),
        Mistake(arguments: ["--format", "aiff", "[S1]Hi."], exitCode: 65, tells: ["aiff", "flac"]),
        Mistake(arguments: ["--prompt", "S1=/nonexistent.wav", "[S1]Hi."], exitCode: 66, tells: ["/nonexistent.wav"]),
        Mistake(arguments: ["/nonexistent.txt"], exitCode: 66, tells: ["/nonexistent.txt"]),
        Mistake(arguments: ["--jsonl", "/nonexistent.jsonl"], exitCode: 66, tells: ["/nonexistent.jsonl"]),
        Mistake(arguments: ["--model", "/nonexistent", "[S1]Hi."], exitCode: 69, tells: ["/nonexistent"]),
        Mistake(
            arguments: ["--gateway", "ipc:///tmp/no-gateway-here.sock", "[S1]Hi."], exitCode: 69,
            tells: ["colloquy up"]),
    ])
    func saysWhatIsWrongAndHowToMendIt(mistake: Mistake) async throws {
        let home = try Home()
        let outcome = try await Command(
            "colloquy", ["speak", "-o", home.path("x.wav")] + mistake.arguments, home.environment
        ).run()
        #expect(outcome.exitCode == mistake.exitCode, "\(outcome.errors)")
        for text in mistake.tells { #expect(outcome.errors.contains(text), "\(outcome.errors)") }
        #expect(!FileManager.default.fileExists(atPath: home.path("x.wav")))
    }
}
