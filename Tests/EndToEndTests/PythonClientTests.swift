import Audio
import Foundation
import TestSupport
import Testing

/// The client of Docs/Protocol.md speaks a dialogue with a real suite.
@Suite struct PythonClientTests {
    private static let script = "[S1]Hello, welcome to the show.[S2]Thank you."

    /// Debian's Python has zmq and protobuf; another one on the PATH need not.
    private static let python = "/usr/bin/python3"

    /// The contracts as Python modules, and an environment that finds them.
    private func environment(_ home: Home) async throws -> [String: String] {
        let modules = home.path("modules")
        try FileManager.default.createDirectory(atPath: modules, withIntermediateDirectories: true)
        let contracts = SharedFolder.packageRoot.appending(path: "Shared/Contracts/Proto").path
        let made = try await Command(
            "/usr/bin/protoc", ["-I", contracts, "--python_out=\(modules)", "envelope.proto", "dialogue.proto"],
            home.environment
        ).run()
        try #require(made.isSuccess, "\(made.errors)")
        return home.environment.merging(["PYTHONPATH": modules, "PYTHONDONTWRITEBYTECODE": "1"]) { $1 }
    }

    private func client(_ home: Home, file: String, voices: [String]) async throws -> Command.Outcome {
        let client = SharedFolder.packageRoot.appending(path: "Docs/Clients/speak.py").path
        return try await Command(
            Self.python, [client, home.endpoint, file, "7", Self.script] + voices, environment(home)
        ).run()
    }

    @Test func speaksTheSamplesThatTheCommandSpeaks() async throws {
        try await RunningSuite.with { suite in
            let home = suite.home
            let (its, ours) = (home.path("its.wav"), home.path("ours.wav"))
            let outcome = try await client(home, file: its, voices: ["anna", "david"])
            try #require(outcome.isSuccess, "\(outcome.errors)")
            let spoken = try await home.colloquy(
                "speak", "--seed", "7", "--voice", "S1=anna", "--voice", "S2=david", "--format", "wav-float", "-o",
                ours,
                Self.script)
            try #require(spoken.isSuccess, "\(spoken.errors)")
            let (itsClip, ourClip) = (try AudioClip(path: its), try AudioClip(path: ours))
            #expect(itsClip.sampleRate == ourClip.sampleRate)
            #expect(itsClip.channels == ourClip.channels)
            #expect(itsClip.channels[0].contains { abs($0) > 0.01 }, "the file is silent")
        }
    }

    @Test func tellsTheErrorAndEnds() async throws {
        try await RunningSuite.with { suite in
            let file = suite.home.path("never.wav")
            let outcome = try await client(suite.home, file: file, voices: ["nobody", "david"])
            #expect(outcome.exitCode == 1)
            #expect(outcome.errors.hasPrefix("not_found: "))
            #expect(outcome.errors.contains("nobody"))
            #expect(!FileManager.default.fileExists(atPath: file))
        }
    }
}
