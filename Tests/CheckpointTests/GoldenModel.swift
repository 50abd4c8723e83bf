import Foundation
import TestSupport
import Testing

/// A model of the golden material: a folder with `model.json` that tells its facts and `model/` that holds it as published.
struct GoldenModel: Sendable, CustomTestStringConvertible {
    let name: String
    let folder: URL
    let facts: JSONValue

    var testDescription: String { name }
    var model: URL { folder.appending(path: "model") }

    /// The tokenizer that goes with it, when it has none of its own.
    var tokenizer: URL { folder.appending(path: facts["tokenizer"].string ?? "none named").standardizedFileURL }

    /// Every model below `golden/<area>`; one that does not exist when there is none, so that its test fails.
    static func all(below area: String) -> [GoldenModel] {
        let root = SharedFolder.url.appending(path: "golden/\(area)")
        let folders = (try? FileManager.default.contentsOfDirectory(at: root, includingPropertiesForKeys: nil)) ?? []
        let found = folders.compactMap { folder -> GoldenModel? in
            guard let facts = try? JSONValue(file: folder.appending(path: "model.json")) else { return nil }
            return GoldenModel(name: "\(area)/\(folder.lastPathComponent)", folder: folder, facts: facts)
        }
        if found.isEmpty { return [GoldenModel(name: "no model below golden/\(area)", folder: root, facts: .null)] }
        return found.sorted { $0.name < $1.name }
    }
}

/// `golden/tensor-names.json`: names and shapes at the published sizes.
struct PublishedTensors: Sendable {
    let facts: JSONValue

    init() throws { facts = try JSONValue(file: SharedFolder.url.appending(path: "golden/tensor-names.json")) }

    struct Tensor: Equatable, CustomStringConvertible {
        let name: String
        let shape: [Int]
        var description: String { "\(name) \(shape)" }
    }

    static func tensors(of entry: JSONValue) -> [Tensor] {
        entry["tensors"].array.map { Tensor(name: $0["name"].string ?? "", shape: $0["shape"].array.compactMap(\.int)) }
            .sorted { $0.name < $1.name }
    }
}
