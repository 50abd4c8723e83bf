import Foundation
import Subprocess
import SystemPackage
import TestSupport

/// A command as a user runs it.
struct Command: Sendable {
    let executable: URL
    let arguments: [String]
    let environment: [String: String]

    /// What it came to.
    struct Outcome: Sendable {
        let status: TerminationStatus
        let output: String
        let errors: String

        var isSuccess: Bool { status.isSuccess }
        var exitCode: Int32? { if case .exited(let code) = status { code } else { nil } }
    }

    /// The folder of the built executables: that of the tests themselves.
    static let binFolder: URL = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let beside = URL(filePath: own).deletingLastPathComponent()
        if FileManager.default.isExecutableFile(atPath: beside.appending(path: "colloquy").path) { return beside }
        return SharedFolder.packageRoot.appending(path: ".build/release")
    }()

    init(_ name: String, _ arguments: [String], _ environment: [String: String]) {
        executable = name.hasPrefix("/") ? URL(filePath: name) : Self.binFolder.appending(path: name)
        self.arguments = arguments
        self.environment = environment
    }

    /// Runs it to its end.
    func run(input: String = "") async throws -> Outcome {
        let result = try await Subprocess.run(
            .path(FilePath(executable.path)), arguments: Arguments(arguments),
            environment: .custom(keyed(environment)), input: .string(input), output: .string(limit: 8 << 20),
            error: .string(limit: 8 << 20))
        return Outcome(
            status: result.terminationStatus, output: result.standardOutput, errors: result.standardError)
    }
}

func keyed(_ environment: [String: String]) -> [Environment.Key: String] {
    Dictionary(uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0.key), $0.value) })
}
