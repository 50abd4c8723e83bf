import ArgumentParser
import Checkpoint
import Foundation
import ServiceKit

/// `colloquy models`: checkpoints on this machine.
struct Models: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List, check and describe models.",
        subcommands: [ListModels.self, CheckModel.self, ShowModel.self, QuantizeModel.self, ListCaches.self],
        defaultSubcommand: ListModels.self)
}

/// Which model is meant: one that was named, the configured one, or the embedded one.
struct ModelOptions: ParsableArguments {
    @Option(help: "The codec's folder, where it does not lie beside the model.")
    var codec: String?
    @Option(help: "v0.5 or v0.7, for a checkpoint whose files do not tell.")
    var flavor: String?
    @Option(help: "The configuration's file.")
    var config: String?

    /// - Parameter model: What stands on the command line.
    func settings(model: String?) throws -> ServiceSettings {
        var flags = ConfigurationFlags()
        let texts = [
            ("model", model.map { URL(filePath: $0).path }), ("codec", codec.map { URL(filePath: $0).path }),
            ("flavor", flavor),
        ]
        for (key, text) in texts { if let text { flags.values[key] = [text] } }
        flags.configPath = config
        return try ServiceSettings(flags: flags, environment: ProcessInfo.processInfo.environment)
    }
}
