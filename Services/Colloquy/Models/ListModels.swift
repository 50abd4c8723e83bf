import ArgumentParser
import Checkpoint
import Foundation
import ModelLoading
import Printing
import ServiceKit

/// `colloquy models list`
struct ListModels: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the embedded model, the configured one, and those of a folder.")
    @OptionGroup var options: ModelOptions
    @Option(help: "A checkpoint to list beside the others.")
    var model: String?
    @Option(name: .customLong("models-dir"), help: "A folder of checkpoints (default: models in the data folder).")
    var modelsFolder: String?
    @Flag(help: "Hash the weights too; reads every one of them.")
    var hash = false
    @Flag(help: "One JSON object a model, for machines.")
    var json = false

    func run() async throws {
        let settings = try options.settings(model: model)
        let collection = modelsFolder.map { URL(filePath: $0) } ?? settings.dataDirectory.appending(path: "models")
        let places = ModelPlaces(configured: settings.model, codec: settings.codec, collection: collection)
        let rows = places.entries.map { ModelRow($0, hash: hash) }
        guard !json else {
            for row in rows { print(try JSONLine.text(row)) }
            return
        }
        var table = TextTable()
        for row in rows {
            if let error = row.error {
                table.add(row.name, "unusable", error)
                continue
            }
            let hashes = hash ? "\(row.languageModelHash?.prefix(12) ?? "?") \(row.codecHash?.prefix(12) ?? "?")" : ""
            table.add(
                row.name, row.flavor ?? "", row.precision ?? "", Quantity.bytes(row.languageModelBytes ?? 0),
                Quantity.bytes(row.codecBytes ?? 0), hashes, row.path)
        }
        print(table.text)
    }
}

/// A line of the list.
private struct ModelRow: Encodable {
    var name: String
    var path: String
    var flavor: String?
    var precision: String?
    var languageModelBytes: Int?
    var codecBytes: Int?
    var languageModelHash: String?
    var codecHash: String?
    var error: String?

    init(_ entry: ModelPlaces.Entry, hash: Bool) {
        switch entry {
        case .unusable(let path, let reason):
            name = URL(filePath: path).lastPathComponent
            self.path = path
            error = reason
        case .model(let model):
            name = model.name
            path = model.directory.path.path
            flavor = model.directory.flavor.rawValue
            do {
                let summary = try ModelSummary(model)
                precision = summary.languageModelWeights.precision
                languageModelBytes = summary.languageModelWeights.storedBytes
                codecBytes = summary.codecWeights.storedBytes
                guard hash else { return }
                languageModelHash = try model.directory.modelHash()
                codecHash = try model.directory.codecHash()
            } catch {
                self.error = "\(error)"
            }
        }
    }
}
