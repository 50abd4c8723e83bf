import Foundation
import Yams

/// The configuration's YAML, read but not understood: which key stands on which line with which texts.
///
/// ```yaml
/// log_level: debug          # for every service
/// services:
///   codec:
///     slots: 2              # for the codec alone; goes before the same key above
/// ```
public struct ConfigurationFile: Equatable, Sendable {
    struct Entry: Equatable, Sendable {
        let name: String
        let texts: [String]
        let isList: Bool
        let line: Int
    }

    /// A configuration is written by hand; more is some other file.
    static let bytesMax = 64 << 10
    static let services = ["gateway", "codec", "generator", "voices"]

    let path: String
    let shared: [Entry]
    let sections: [String: [Entry]]

    /// Reads a file.
    public init(path: String) throws(ConfigurationError) {
        let whole = ConfigurationError.Source.file(path: path, line: 1)
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue,
            let handle = FileHandle(forReadingAtPath: path),
            let data = try? handle.read(upToCount: Self.bytesMax + 1)
                ?? Data()
        else {
            throw ConfigurationError(key: "", source: whole, allowed: "a readable file is needed here")
        }
        guard data.count <= Self.bytesMax, let text = String(data: data, encoding: .utf8) else {
            throw ConfigurationError(
                key: "", source: whole, allowed: "a configuration is UTF-8 text of at most \(Self.bytesMax) bytes")
        }
        try self.init(yaml: text, path: path)
    }

    /// Reads text; `path` is what errors call it.
    public init(yaml: String, path: String) throws(ConfigurationError) {
        self.path = path
        var shared: [Entry] = []
        var sections: [String: [Entry]] = [:]
        for (name, value) in try Self.members(of: Self.root(of: yaml, path), path: path, key: "") {
            guard name.text == "services" else {
                shared.append(try Self.entry(name, value, path))
                continue
            }
            for (service, section) in try Self.members(of: value, path: path, key: "services") {
                guard Self.services.contains(service.text) else {
                    throw ConfigurationError(
                        key: "services", source: .file(path: path, line: service.line), value: service.text,
                        allowed: "services are \(Self.services.joined(separator: ", "))")
                }
                sections[service.text] = try Self.members(of: section, path: path, key: "services.\(service.text)")
                    .map { name, value throws(ConfigurationError) in try Self.entry(name, value, path) }
            }
        }
        self.shared = shared
        self.sections = sections
    }

    private struct Name {
        let text: String
        let line: Int
    }

    private static func root(of yaml: String, _ path: String) throws(ConfigurationError) -> Node? {
        do {
            return try compose(yaml: yaml)
        } catch let error as YamlError {
            var line = 1
            switch error {
            case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): line = mark.line
            default: break
            }
            throw ConfigurationError(
                key: "", source: .file(path: path, line: line),
                allowed: "this is no sound YAML (each key once, as key: value)")
        } catch {
            throw ConfigurationError(
                key: "", source: .file(path: path, line: 1), allowed: "this is no sound YAML: \(type(of: error))")
        }
    }

    /// Keys and values of a mapping; none of an empty document.
    private static func members(of node: Node?, path: String, key: String) throws(ConfigurationError) -> [(Name, Node)]
    {
        guard let node, !isNull(node) else { return [] }
        guard case .mapping(let mapping) = node else {
            throw ConfigurationError(
                key: key, source: .file(path: path, line: node.mark?.line ?? 1),
                allowed: "keys and values are needed here")
        }
        var members: [(Name, Node)] = []
        for (name, value) in mapping {
            guard case .scalar(let scalar) = name else {
                throw ConfigurationError(
                    key: key, source: .file(path: path, line: name.mark?.line ?? 1), allowed: "a key is a word")
            }
            members.append((Name(text: scalar.string, line: scalar.mark?.line ?? 1), value))
        }
        return members
    }

    private static func entry(_ name: Name, _ value: Node, _ path: String) throws(ConfigurationError) -> Entry {
        let source = ConfigurationError.Source.file(path: path, line: name.line)
        switch value {
        case .scalar(let scalar) where !isNull(value):
            return Entry(name: name.text, texts: [scalar.string], isList: false, line: name.line)
        case .sequence(let sequence):
            let texts = sequence.compactMap { if case .scalar(let scalar) = $0 { scalar.string } else { nil } }
            guard texts.count == sequence.count, !texts.isEmpty else { break }
            return Entry(name: name.text, texts: texts, isList: true, line: name.line)
        default: break
        }
        throw ConfigurationError(
            key: name.text, source: source, allowed: "a value, or a list of values, is needed behind the key")
    }

    private static func isNull(_ node: Node) -> Bool { node.tag == Tag(.null) }
}
