import Foundation
import TestSupport
import Testing

/// What the pages promise about the code, and the code about the pages.
@Suite struct DocumentationTests {
    private static let operations = "Docs/Operations.md"
    private static let protocolPage = "Docs/Protocol.md"

    @Test func `every link between our pages leads somewhere`() throws {
        let pages = Repository.texts.filter { $0.hasSuffix(".md") }
        #expect(!pages.isEmpty)
        var found: [Finding] = []
        for page in pages {
            var isCode = false
            for (index, line) in try Repository.lines(page).enumerated() {
                if line.trimmingCharacters(in: .whitespaces).hasPrefix("```") { isCode.toggle() }
                if isCode { continue }
                for link in line.matches(of: #/\]\(([^)\s]+)\)/#).map({ String($0.1) }) {
                    if link.contains("://") || link.hasPrefix("mailto:") || link.hasPrefix("#") { continue }
                    let target = String(link.prefix { $0 != "#" })
                    let place = Repository.url(page).deletingLastPathComponent().appending(path: target)
                    if !FileManager.default.fileExists(atPath: place.standardizedFileURL.path) {
                        found.append(Finding(path: page, line: index + 1, what: "\(link) is not there"))
                    }
                }
            }
        }
        #expect(found.isEmpty, "\(found.told("mend the link, or write the page"))")
    }

    // MARK: Operations.md

    /// A `static let name = ConfigurationKey…("key", …)`.
    struct Key {
        let path: String
        let line: Int
        let property: String
        let name: String
    }

    private static func declaredKeys() throws -> [Key] {
        let declaration = #/static let (\w+) = ConfigurationKey(?:<[\w.\[\]]+>)?\s*\.\w+\(\s*"(\w+)"/#
        return try Repository.swift(below: "Shared/ServiceKit", "Services").flatMap { path -> [Key] in
            guard try Repository.mentions(["ConfigurationKey"], in: path) else { return [] }
            let text = try Repository.text(path)
            return text.matches(of: declaration).map { match in
                Key(
                    path: path, line: text[..<match.range.lowerBound].count { $0 == "\n" } + 1,
                    property: String(match.1), name: String(match.2))
            }
        }
    }

    @Test func `every configuration key is read by --help and explained in Operations`() throws {
        let keys = try Self.declaredKeys()
        let page = try Repository.text(Self.operations)
        let listed = try listedProperties()
        #expect(!keys.isEmpty)
        #expect(listed.count == keys.count, "keys are declared in a way that this test does not read, or not listed")
        var found: [Finding] = []
        for key in keys {
            if !listed.contains("\(key.path) \(key.property)") {
                found.append(Finding(path: key.path, line: key.line, what: "\(key.name) is missing in `keys`"))
            }
            if !page.contains("`\(key.name)`") {
                found.append(
                    Finding(path: key.path, line: key.line, what: "`\(key.name)` is missing in \(Self.operations)"))
            }
        }
        #expect(found.isEmpty, "\(found.told("list the key, and explain it"))")
    }

    /// `path property` of what stands in the lists `keys`, which `--help` prints and flags are read from.
    private func listedProperties() throws -> Set<String> {
        var listed: Set<String> = []
        for path in Repository.swift(below: "Shared/ServiceKit", "Services")
        where try Repository.mentions([".declaration"], in: path) {
            for list in try Repository.text(path).matches(of: #/static let keys[^=]*= \[([^\]]*)\]/#) {
                for entry in list.1.matches(of: #/(\w+)\.declaration/#) { listed.insert("\(path) \(entry.1)") }
            }
        }
        return listed
    }

    /// Variables of build and tests may be explained where people build and test.
    @Test func `every variable of the environment is explained`() throws {
        let operations = try Repository.text(Self.operations)
        let building = try ["README.md", "CONTRIBUTING.md"].map(Repository.text).joined()
        let outside = try (["Package.swift", "Makefile"] + Repository.files.filter { $0.hasPrefix("Tests/") })
            .filter { try Repository.mentions(["COLLOQUY_"], in: $0) }.map(Repository.text).joined()
        var found: [Finding] = []
        for path in Repository.swift(below: "Shared", "Services") + ["Package.swift", "Makefile"]
        where try Repository.mentions(["COLLOQUY_"], in: path) {
            for (index, line) in try Repository.lines(path).enumerated() {
                for match in line.matches(of: #/["\s@](COLLOQUY_[A-Z0-9_]*[A-Z0-9])["=]/#) {
                    let name = String(match.1)
                    let isOfBuild = outside.contains(name) && building.contains(name)
                    if operations.contains(name) || isOfBuild { continue }
                    found.append(Finding(path: path, line: index + 1, what: "\(name) is missing in \(Self.operations)"))
                }
            }
        }
        #expect(found.isEmpty, "\(found.told("say what it does, and when one sets it"))")
    }

    // MARK: Protocol.md

    @Test(arguments: [
        ("Shared/Contracts/CallError.swift", #"Code\(rawValue: "(\w+)"\)"#, "code"),
        ("Shared/Contracts/Methods.swift", #"CallMethod<[^>]*>\(\s*"([\w.]+)"\)"#, "method"),
    ])
    func `every error code and every method is told in Protocol`(
        _ path: String, _ declaration: String, _ kind: String
    ) throws {
        let text = try Repository.text(path)
        let page = try Repository.text(Self.protocolPage)
        let declared = text.matches(of: try Regex(declaration)).compactMap { match in
            match.output[1].substring.map { (String($0), text[..<match.range.lowerBound].count { $0 == "\n" } + 1) }
        }
        // The list that other tests walk has as many entries as there are declarations.
        let list = try #require(text.firstMatch(of: #/static let (?:known|names)[^=]*= \[([^\]]*)\]/#))
        #expect(list.1.split(separator: ",").count { $0.contains(where: \.isLetter) } == declared.count)
        let found = declared.filter { !page.contains("`\($0.0)`") }
            .map { Finding(path: path, line: $0.1, what: "the \(kind) `\($0.0)` is missing in \(Self.protocolPage)") }
        #expect(!declared.isEmpty)
        #expect(found.isEmpty, "\(found.told("tell what it says and when"))")
    }
}
