import Foundation
import TestSupport
import Testing

/// The committed Swift of `Shared/Contracts/Generated` against the `.proto` files that it was made from.
@Suite struct GeneratedContractTests {
    /// A field, or the value of an enumeration, as both sides have it; a message as such has no number and no name.
    struct Field: Hashable, CustomStringConvertible {
        let message: String
        let number: String
        /// Without underscores and case, which the generator changes by rules of its own.
        let name: String
        /// `repeated`, `singular`; empty for an enumeration's.
        let kind: String
        /// Of scalars; `message` or `enum` otherwise.
        let type: String

        var description: String { "\(message) \(kind) \(type) \(name) = \(number)" }
    }

    static let protos = Repository.files.filter { $0.hasSuffix(".proto") }

    @Test func `every proto has its Swift, and no other Swift is there`() {
        let wanted = Set(Self.protos.map(Self.generated))
        let present = Set(Repository.files.filter { $0.hasPrefix("Shared/Contracts/Generated/") })
        #expect(!wanted.isEmpty)
        #expect(present == wanted, "run `make proto`")
    }

    @Test(arguments: protos)
    func `the generated Swift has the messages and fields of its proto, and no other`(_ proto: String) throws {
        let wanted = try declaredFields(proto)
        let present = try generatedFields(Self.generated(proto))
        #expect(!wanted.isEmpty)
        let missing = wanted.subtracting(present).map {
            Finding(path: Self.generated(proto), line: 0, what: "lacks \($0)")
        }
        let stale = present.subtracting(wanted).map {
            Finding(path: Self.generated(proto), line: 0, what: "still has \($0)")
        }
        #expect(missing.isEmpty && stale.isEmpty, "\((missing + stale).told("run `make proto`"))")
    }

    private static func generated(_ proto: String) -> String {
        let name = URL(filePath: proto).deletingPathExtension().lastPathComponent
        return "Shared/Contracts/Generated/\(name).pb.swift"
    }

    private func plain(_ name: some StringProtocol) -> String { name.lowercased().filter { $0 != "_" } }

    private func declaredFields(_ proto: String) throws -> Set<Field> {
        let text = try Repository.text(proto).replacing(#/\/\/[^\n]*/#, with: "")
        let prefix = try #require(text.firstMatch(of: #/option swift_prefix = "(\w*)"/#)).1
        let enumerations = Set(text.matches(of: #/enum (\w+)/#).map { String($0.1) })
        var fields: Set<Field> = []
        for block in text.matches(of: #/(message|enum)\s+(\w+)\s*\{([^}]*)\}/#) {
            let message = String(prefix + block.2)
            if block.1 == "message" {
                fields.insert(Field(message: message, number: "", name: "", kind: "", type: "message"))
            }
            if block.1 == "enum" {
                for value in block.3.matches(of: #/(\w+)\s*=\s*(\d+)\s*;/#) {
                    // The generator takes the enumeration's name off its values.
                    let name = plain(value.1).trimmingPrefix(plain(block.2))
                    fields.insert(
                        Field(message: message, number: String(value.2), name: String(name), kind: "", type: "case"))
                }
                continue
            }
            let declaration = #/(repeated\s+|optional\s+)?(map<[^>]*>|\w+)\s+(\w+)\s*=\s*(\d+)\s*;/#
            for field in block.3.matches(of: declaration) {
                let isMap = field.2.hasPrefix("map")
                let type = isMap ? "map" : type(String(field.2), enumerations)
                let kind = isMap ? "map" : field.1?.hasPrefix("repeated") == true ? "repeated" : "singular"
                fields.insert(
                    Field(message: message, number: String(field.4), name: plain(field.3), kind: kind, type: type))
            }
        }
        return fields
    }

    private func type(_ declared: String, _ enumerations: Set<String>) -> String {
        if enumerations.contains(declared) { return "enum" }
        return declared.first?.isUppercase == true ? "message" : declared
    }

    private func generatedFields(_ path: String) throws -> Set<Field> {
        var fields: Set<Field> = []
        var message = ""
        for line in try Repository.lines(path) {
            if let found = line.firstMatch(of: #/extension (\w+): SwiftProtobuf\.Message/#) {
                message = String(found.1)
                fields.insert(Field(message: message, number: "", name: "", kind: "", type: "message"))
            }
            if let found = line.firstMatch(of: #/enum (\w+): SwiftProtobuf\.Enum/#) { message = String(found.1) }
            if let found = line.firstMatch(of: #/^\s+case (\w+) \/\/ = (\d+)/#) {
                fields.insert(
                    Field(message: message, number: String(found.2), name: plain(found.1), kind: "", type: "case"))
            }
            let decoding =
                #/case (\d+): .*decode(Singular|Repeated|Map)(\w*)Field\(.*value: &(?:self|_storage)\.(\w+)\)/#
            guard let found = line.firstMatch(of: decoding) else { continue }
            let isMap = found.2 == "Map"
            // `has_…` would look like the generator's own tests of presence, so it writes `has…_p`.
            let name = found.4.hasSuffix("_p") ? found.4.dropLast(2) : found.4[...]
            fields.insert(
                Field(
                    message: message, number: String(found.1), name: plain(name),
                    kind: isMap ? "map" : found.2.lowercased(), type: isMap ? "map" : found.3.lowercased()))
        }
        return fields
    }
}
