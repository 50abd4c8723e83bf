import Foundation
import TestSupport
import Testing

/// Where files may lie.
@Suite struct LayoutTests {
    /// A target of `Package.swift`, by the function there that makes it.
    struct Target {
        let maker: String
        let name: String
        /// Paths that its declaration names: resources and what is left out.
        let named: [String]

        var folder: String {
            switch maker {
            case "service": "Services/\(name)"
            case "tests": "Tests/\(name)Tests"
            default: "Shared/\(name)"
            }
        }

        /// Endings of the files that it is made of.
        var endings: [String] {
            switch maker {
            case "system": [".h", ".modulemap"]
            case "cRoom": [".c", ".h"]
            default: [".swift"]
            }
        }

        static func all() throws -> [Target] {
            let package = try Repository.text("Package.swift")
            return package.matches(of: #/(?m)^    (room|cRoom|system|service|tests)\(\s*"(\w+)"/#).map { declared in
                let rest = package[declared.range.upperBound...]
                let whole = rest.prefix(upTo: rest.firstRange(of: "\n    ")?.lowerBound ?? rest.endIndex)
                let lists = whole.matches(of: #/(?:exclude: \[|\.copy\()([^\])]*)/#)
                let paths = lists.flatMap { $0.1.matches(of: #/"([^"]+)"/#).map { String($0.1) } }
                return Target(maker: String(declared.1), name: String(declared.2), named: paths)
            }
        }
    }

    @Test func `every file of a room belongs to its target`() throws {
        let targets = try Target.all()
        #expect(targets.count > 20, "Package.swift reads otherwise than this test thinks")
        let found = Repository.files.filter { $0.hasPrefix("Shared/") || $0.hasPrefix("Services/") }.compactMap {
            path in
            guard let target = targets.first(where: { path.hasPrefix($0.folder + "/") }) else {
                return Finding(path: path, line: 0, what: "belongs to no target of Package.swift")
            }
            let below = path.dropFirst(target.folder.count + 1)
            let isNamed = target.named.contains { below == $0 || below.hasPrefix($0 + "/") }
            return isNamed || target.endings.contains { below.hasSuffix($0) }
                ? nil : Finding(path: path, line: 0, what: "is neither source, resource nor left out of \(target.name)")
        }
        #expect(found.isEmpty, "\(found.told("name it in Package.swift, or take it away"))")
    }

    @Test func `every folder of tests belongs to a target, and every target has its folder`() throws {
        let folders = try Target.all().map(\.folder)
        for folder in folders {
            #expect(
                Repository.files.contains { $0.hasPrefix(folder + "/") },
                "\(folder) is named in Package.swift, and empty")
        }
        let found = Repository.files.filter { $0.hasPrefix("Tests/") && $0.hasSuffix(".swift") }
            .filter { path in !(folders + ["Tests/TestSupport"]).contains { path.hasPrefix($0 + "/") } }
            .map { Finding(path: $0, line: 0, what: "belongs to no target of Package.swift") }
        #expect(found.isEmpty, "\(found.told("such a test never runs"))")
    }

    @Test func `what a build makes is not kept`() throws {
        let made = [".build", "Package.resolved", "demo.wav"]
        let found = Repository.tracked.filter { path in
            made.contains { path == $0 || path.hasPrefix($0 + "/") } || path.contains("/.build/")
                || path.hasSuffix(".o") || path.hasSuffix(".pyc")
        }
        .map { Finding(path: $0, line: 0, what: "is made by a build") }
        #expect(found.isEmpty, "\(found.told("git rm --cached"))")
        let ignored = try Repository.lines(".gitignore").map { $0.trimmingPrefix("/") }
        for name in made {
            #expect(ignored.contains { $0 == name || $0 == name + "/" }, ".gitignore does not name \(name)")
        }
    }
}
