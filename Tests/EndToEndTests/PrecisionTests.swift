import Contracts
import Foundation
import TestSupport
import Testing

/// `--precision` as users give it: packed weights are made once, kept beside the model, found by the next start, and never
/// change what is spoken, wherever they come from.
@Suite struct PrecisionTests {
    private static let script = "[S1]Hello.[S2]I like music."

    /// A copy of the embedded model that a test may write beside.
    private func model(_ home: Home) throws -> String {
        let model = home.path("model")
        try FileManager.default.copyItem(
            at: SharedFolder.packageRoot.appending(path: "Shared/DemoVoice/Model"), to: URL(filePath: model))
        return model
    }

    private func packedFiles(_ folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
            .filter { $0.contains("clqpack") }.sorted().map { "\(folder)/\($0)" }
    }

    private func speak(_ home: Home, _ model: String, _ precision: String, to name: String, threads: Int = 2)
        async throws -> Data
    {
        let outcome = try await home.colloquy(
            "speak", "--json", "--seed", "7", "--model", model, "--precision", precision, "--threads", "\(threads)",
            "--voice", "S1=anna", "--voice", "S2=david", "-o", home.path(name), Self.script)
        try #require(outcome.isSuccess, "\(outcome.errors)")
        return try Data(contentsOf: URL(filePath: home.path(name)))
    }

    @Test(arguments: ["int8", "int4"])
    func speaksTheSameFromAFileFromMemoryAndOnAnyThreads(precision: String) async throws {
        let home = try Home()
        let model = try model(home)
        let first = try await speak(home, model, precision, to: "first.wav")
        let file = try #require(packedFiles(model + "/lm").first)
        #expect(packedFiles(model + "/lm").count == 1)
        #expect(file.contains(precision))
        let made = try FileManager.default.attributesOfItem(atPath: file)[.systemFileNumber] as? Int
        #expect(try await speak(home, model, precision, to: "again.wav", threads: 1) == first)
        let found = try FileManager.default.attributesOfItem(atPath: file)[.systemFileNumber] as? Int
        #expect(made == found)

        // Nowhere to keep a file: a folder has its name, and the cache's place is a file.
        try FileManager.default.removeItem(atPath: file)
        try FileManager.default.createDirectory(atPath: file, withIntermediateDirectories: false)
        try? FileManager.default.removeItem(atPath: home.path("cache"))
        try Data().write(to: URL(filePath: home.path("cache")))
        #expect(try await speak(home, model, precision, to: "memory.wav") == first)
    }

    @Test func aDamagedFileIsMadeAgainAndSpeaksTheSame() async throws {
        let home = try Home()
        let model = try model(home)
        let first = try await speak(home, model, "int4", to: "first.wav")
        let file = URL(filePath: try #require(packedFiles(model + "/lm").first))
        let sound = try Data(contentsOf: file)
        var damaged = sound
        damaged[sound.count / 2] ^= 0x40
        try damaged.write(to: file)
        #expect(try await speak(home, model, "int4", to: "again.wav") == first)
        #expect(try Data(contentsOf: file) == sound)
    }

    @Test func aSuiteTellsItsPrecision() async throws {
        for (given, told) in [("int4", "int4"), ("int8", "int8"), ("bf16", "bf16")] {
            let home = try Home()
            let model = try model(home)
            try await RunningSuite.with(["--model", model, "--precision", given], home: home) { suite in
                let status = try await suite.status { $0.missing.isEmpty }
                #expect(status.workers.first { $0.service == "generator" }?.precision == told)
            }
        }
    }

    @Test func twoProcessesAtOnceMakeOneFile() async throws {
        let home = try Home()
        let model = try model(home)
        let outcomes = try await withThrowingTaskGroup(of: Command.Outcome.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    try await home.colloquy("models", "quantize", "--model", model, "--precision", "int4", "--json")
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for outcome in outcomes { #expect(outcome.isSuccess, "\(outcome.errors)") }
        #expect(outcomes.filter { $0.errors.contains("packed the weights") }.count == 1)
        #expect(packedFiles(model + "/lm").count == 1)
    }

    @Test func quantizeTellsWhatItMadeAndCachesListsAndRemovesIt() async throws {
        let home = try Home()
        let model = try model(home)
        let made = try await home.colloquy("models", "quantize", "--model", model, "--precision", "int8", "--json")
        try #require(made.isSuccess, "\(made.errors)")
        let facts = try JSONDecoder().decode(JSONValue.self, from: Data(made.output.utf8))
        let path = try #require(facts["path"].string)
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
        #expect(facts["bytes"].int == size)
        #expect(facts["precision"].string == "int8")

        let stale = URL(filePath: path).deletingLastPathComponent().appending(path: "weights-int8-v0-old.clqpack")
        try Data("old".utf8).write(to: stale)
        let listed = try await home.colloquy("models", "caches", "--model", model, "--remove-stale")
        #expect(listed.isSuccess, "\(listed.errors)")
        #expect(listed.output.contains(path))
        #expect(packedFiles(model + "/lm") == [path])
        let removed = try await home.colloquy("models", "caches", "--model", model, "--remove-all")
        #expect(removed.isSuccess, "\(removed.errors)")
        #expect(packedFiles(model + "/lm") == [])

        let refused = try await home.colloquy("models", "quantize", "--model", model, "--precision", "bf16")
        #expect(refused.exitCode == 64)
    }
}
