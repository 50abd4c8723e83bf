import Foundation
import TestSupport
import Testing

/// What no line of ours may hold.
@Suite struct SourceTests {
    static let product = Repository.swift(below: "Services", "Shared")

    @Test(arguments: ["try!", "as!", "fatalError("])
    func `nothing in the product ends the process on what input can reach`(_ word: String) throws {
        #expect(!Self.product.isEmpty)
        let pattern = "\\b" + NSRegularExpression.escapedPattern(for: word)
        let found = try Finding.matches(of: pattern, mentioning: [word], in: Self.product, codeOnly: true)
        #expect(found.isEmpty, "\(found.told("throw a typed error instead"))")
    }

    @Test func `nothing in the product unwraps by force`() throws {
        let found = try Finding.matches(
            of: #"[\w)\]}?]!($|[^=])"#, mentioning: ["!"], in: Self.product, codeOnly: true)
        #expect(found.isEmpty, "\(found.told("unwrap with guard, and say what is missing"))")
    }

    @Test func `nothing is left for later`() throws {
        // In two halves, so that this file is no finding.
        let words = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]
        let found = try Finding.matches(
            of: "\\b(\(words.joined(separator: "|")))\\b", mentioning: words, in: Repository.texts)
        #expect(found.isEmpty, "\(found.told("do it, or write an issue"))")
    }

    @Test func `every file fits on a few screens`() throws {
        let endings = [".swift", ".c", ".h", ".proto", ".py"]
        let sources = Repository.texts.filter { path in
            endings.contains(where: path.hasSuffix) && !Repository.isGenerated(path)
        }
        #expect(!sources.isEmpty)
        let found = try sources.compactMap { path in
            let lines = try Repository.lines(path).count
            return lines > 500 ? Finding(path: path, line: lines, what: "has \(lines) lines") : nil
        }
        #expect(found.isEmpty, "\(found.told("500 lines are the most; one concept a file"))")
    }

    @Test func `no place of one machine is written down`() throws {
        let places = ["/wo" + "rk/", "/ro" + "ot/", "/tmp/bash_" + "jobs"]
        let found = try Finding.matches(
            of: "(^|[^\\w.])(\(places.joined(separator: "|")))", mentioning: places, in: Repository.texts)
        #expect(found.isEmpty, "\(found.told("say where it is by a rule that holds everywhere"))")
    }
}
