import Foundation
import TestSupport
import Testing

/// Docs/Operations.md against what the built services say of themselves.
@Suite struct OperationsPageTests {
    private static let services = ["gateway", "codec", "generator", "voices"]

    private let page: DocumentPage

    init() throws { page = try DocumentPage("Docs/Operations.md") }

    /// `--flag`, reason, range and default of the keys under a headline of `--help`.
    private func keys(of help: String, under headline: String) throws -> [[String]] {
        let start = try #require(help.range(of: "\n\(headline)\n")?.upperBound)
        let end = try #require(help.range(of: "\nOf the process:", range: start..<help.endIndex)?.lowerBound)
        return help[start..<end].matches(of: #/  (--\S+)  (.*)\n      allowed: (.*); default: (.*)/#).map {
            [String($0.1), String($0.2), String($0.3), String($0.4)]
        }
    }

    @Test(arguments: services) func everyKeyOfAServiceStandsThereAsHelpHasIt(service: String) async throws {
        let home = try Home()
        let help = try await Command("colloquy-\(service)", ["--help"], home.environment).run()
        try #require(help.isSuccess, "\(help.errors)")
        let declared = try keys(of: help.output, under: "Of the \(service):").map { key in
            let name = String(key[0].dropFirst(2)).replacing("-", with: "_")
            return [name, "COLLOQUY_\(service)_\(name)".uppercased(), key[0], key[2], key[3], key[1]]
        }
        try #require(!declared.isEmpty)
        let tables = page.tables(under: service.capitalized)
        #expect(tables.flatMap(\.rows).map { $0.map(\.unquoted) } == declared)
    }

    @Test(arguments: services) func exampleIsTaken(service: String) async throws {
        let home = try Home()
        let example = try #require(page.text.firstMatch(of: #/```yaml\n((?:.|\n)*?)```/#)).1
        try FileManager.default.createDirectory(at: home.folder.url, withIntermediateDirectories: true)
        let file = home.path("example.yaml")
        try example.write(toFile: file, atomically: true, encoding: .utf8)
        let check = try await Command("colloquy-\(service)", ["--check", "--config", file], home.environment).run()
        #expect(check.isSuccess, "\(check.errors)")
        #expect(check.output.contains("\(file):"), "no value is taken from it")
    }

    /// A limit that cannot be meant ends the start, and says which one could be.
    @Test func aMemoryLimitBelowTheWeightsEndsTheStart() async throws {
        let home = try Home()
        let start = try await Command(
            "colloquy-generator", ["--memory-limit-megabytes", "64", "--gateway", "ipc://\(home.path("none.sock"))"],
            home.environment
        ).run()
        #expect(start.exitCode == 78, "\(start.errors)")
        #expect(start.errors.contains("allow ") && start.errors.contains("prefill_rows"), "\(start.errors)")
    }
}
