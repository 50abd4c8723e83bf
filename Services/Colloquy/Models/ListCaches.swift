import ArgumentParser
import Checkpoint
import Foundation
import LanguageModel
import ModelLoading
import Printing
import ServiceKit

/// `colloquy models caches`
struct ListCaches: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "caches", abstract: "List packed weights, or remove those that no model here uses any more.",
        discussion: """
            Looks beside the weights of the embedded model, of the configured one and of those of a folder, and into the \
            cache folder. A file is stale when none of these models has its weights, when another version of Colloquy made \
            it, or when it is damaged.
            """)
    @OptionGroup var options: ModelOptions
    @Option(help: "A checkpoint to look at beside the others.")
    var model: String?
    @Option(name: .customLong("models-dir"), help: "A folder of checkpoints (default: models in the data folder).")
    var modelsFolder: String?
    @Flag(help: "Remove the files that are stale.")
    var removeStale = false
    @Flag(help: "Remove all of them; they are made again when they are wanted.")
    var removeAll = false
    @Flag(help: "One JSON object a file, for machines.")
    var json = false

    func run() async throws {
        let settings = try options.settings(model: model)
        let collection = modelsFolder.map { URL(filePath: $0) } ?? settings.dataDirectory.appending(path: "models")
        let models = ModelPlaces(configured: settings.model, codec: settings.codec, collection: collection).models
        let caches = ModelCaches(folder: settings.cacheDirectory)
        let files = PackedWeightsListing(of: models, caches).files
        var table = TextTable()
        for file in files {
            let isRemoved = removeAll || (removeStale && file.isStale)
            if isRemoved { try FileManager.default.removeItem(atPath: file.path) }
            let row = Row(
                path: file.path, bytes: file.byteCount, precision: file.precision, model: file.model,
                isStale: file.isStale, isRemoved: isRemoved)
            if json {
                print(try JSONLine.text(row))
            } else {
                table.add(
                    file.precision ?? "?", Quantity.bytes(file.byteCount), file.model ?? "stale",
                    isRemoved ? "removed" : "", file.path)
            }
        }
        if !json { print(table.isEmpty ? "there are no packed weights" : table.text) }
    }

    private struct Row: Encodable {
        let path: String
        let bytes: Int
        let precision, model: String?
        let isStale, isRemoved: Bool
    }
}
