import Foundation
import TestSupport
import Testing

/// The voice library through real processes.
@Suite struct VoiceTests {
    private static let prompt = SharedFolder.packageRoot.appending(
        path: "Shared/DemoVoice/Model/prompts/anna.wav"
    ).path
    private static let transcript = "I think so too. I have ten friends. I really like the weather."

    private func names(_ home: Home) async throws -> [String] {
        let outcome = try await home.colloquy("voices", "list", "--json")
        try #require(outcome.isSuccess, "\(outcome.errors)")
        return try outcome.output.split(separator: "\n").compactMap {
            try JSONDecoder().decode(JSONValue.self, from: Data($0.utf8))["name"].string
        }
    }

    @Test func aVoiceOutlivesTheSuiteAndSpeaksAsItsPromptDoes() async throws {
        let home = try Home()
        try await RunningSuite.with(home: home) { suite in
            let added = try await suite.home.colloquy(
                "voices", "add", "爱丽丝", Self.prompt, "--text", Self.transcript, "--language", "en")
            try #require(added.isSuccess, "\(added.errors)")
            let again = try await suite.home.colloquy("voices", "add", "爱丽丝", Self.prompt, "--text", Self.transcript)
            #expect(again.exitCode == 73, "\(again.errors)")
        }
        try await RunningSuite.with(home: home) { suite in
            let kept = try await names(suite.home)
            #expect(kept == ["anna", "david", "mei", "wei", "爱丽丝"])
            let renamed = try await suite.home.colloquy("voices", "rename", "爱丽丝", "alice")
            #expect(renamed.isSuccess, "\(renamed.errors)")
            let removed = try await suite.home.colloquy("voices", "remove", "wei")
            #expect(removed.isSuccess, "\(removed.errors)")
            var sounds: [Data] = []
            for voice in ["alice", "anna"] {
                let file = suite.home.path("\(voice).wav")
                let spoken = try await suite.home.colloquy(
                    "speak", "--json", "--seed", "9", "--voice", "S1=\(voice)", "-o", file, "[S1]I like music.")
                try #require(spoken.isSuccess, "\(spoken.errors)")
                sounds.append(try Data(contentsOf: URL(filePath: file)))
            }
            #expect(sounds[0] == sounds[1])
        }
        // A voice that was removed stays away, though it came with the model.
        try await RunningSuite.with(home: home) { suite in
            let left = try await names(suite.home)
            #expect(left == ["alice", "anna", "david", "mei"])
        }
    }

    @Test func refusesWhatIsNoPromptAndSaysWhy() async throws {
        try await RunningSuite.with { suite in
            let home = suite.home
            let noise = home.path("noise.bin")
            try Data((0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 31) }).write(to: URL(filePath: noise))
            let outcome = try await home.colloquy("voices", "add", "noise", noise, "--text", "nothing")
            #expect(outcome.exitCode == 65, "\(outcome.errors)")
            let names = try await names(home)
            #expect(!names.contains("noise"))
        }
    }
}
