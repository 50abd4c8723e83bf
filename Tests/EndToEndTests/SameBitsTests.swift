import Foundation
import TestSupport
import Testing

/// The same request and seed give the same bytes, whatever else happens.
@Suite struct SameBitsTests {
    private static let script = SpeakTests.script

    private func speak(_ home: Home, seed: Int, to name: String, _ script: String) async throws -> Data {
        let file = home.path(name)
        let outcome = try await home.colloquy(
            "speak", "--json", "--seed", "\(seed)", "--voice", "S1=anna", "--voice", "S2=david", "-o", file, script)
        try #require(outcome.isSuccess, "\(outcome.errors)")
        return try Data(contentsOf: URL(filePath: file))
    }

    @Test func aloneAndWhileThreeOthersRun() async throws {
        try await RunningSuite.with { suite in
            let home = suite.home
            let alone = try await speak(home, seed: 11, to: "alone.wav", Self.script)
            try await withThrowingTaskGroup(of: (Int, Data).self) { group in
                for index in 0..<4 {
                    group.addTask {
                        // The first is the one from before; the others differ in seed and length.
                        let script = Self.script + String(repeating: "[S1]Good morning.[S2]See you.", count: index)
                        return (index, try await speak(home, seed: 11 + index, to: "\(index).wav", script))
                    }
                }
                for try await (index, sound) in group {
                    #expect((sound == alone) == (index == 0), "dialogue \(index)")
                }
            }
        }
    }

    @Test func withOneThreadAndWithTwo() async throws {
        var sounds: [Data] = []
        for threads in ["1", "2"] {
            let home = try Home()
            try await RunningSuite.with(["--threads", threads], home: home) { suite in
                _ = try await speak(suite.home, seed: 5, to: "talk.wav", Self.script)
            }
            sounds.append(try Data(contentsOf: URL(filePath: home.path("talk.wav"))))
        }
        #expect(sounds[0] == sounds[1])
    }
}
