import Foundation
import ServiceKit
import TestSupport
import Testing

/// Docs/Operations.md against what every service has. Keys of one service are held in EndToEndTests.
@Suite struct OperationsPageTests {
    private let page: DocumentPage

    init() throws { page = try DocumentPage("Docs/Operations.md") }

    private func rows(_ heading: String) throws -> [[String]] {
        let tables = page.tables(under: heading)
        try #require(tables.count == 1, "one table under \(heading)")
        return tables[0].rows.map { $0.map(\.unquoted) }
    }

    @Test func everySharedKeyStandsThereAsItIsDeclared() throws {
        let declared = ServiceSettings.keys.map {
            [$0.name, "COLLOQUY_\($0.name.uppercased())", $0.flag, $0.allowed, $0.defaultText, $0.reason]
        }
        #expect(try rows("Every service") == declared)
    }

    @Test func everyExitCodeStandsThere() throws {
        #expect(try rows("Exit codes") == ExitCode.allCases.map { ["\($0.rawValue)", $0.meaning] })
    }

    /// The services read it in EndToEndTests, with their own keys.
    @Test func exampleIsSoundYAML() throws {
        let example = try #require(page.text.firstMatch(of: #/```yaml\n((?:.|\n)*?)```/#)).1
        _ = try ConfigurationFile(yaml: String(example), path: "example.yaml")
    }
}
