public import ArgumentParser
import Foundation
public import ServiceKit

/// Where the suite is, and with which model one of its own would run.
struct SuiteOptions: ParsableArguments {
    @Option(help: "A MOSS-TTSD checkpoint, or a folder that holds one with its codec (default: the embedded model).")
    var model: String?
    @Option(help: "The XY-Tokenizer's folder, where it does not lie beside the model.")
    var codec: String?
    @Option(help: "v0.5 or v0.7, for a checkpoint whose files do not tell.")
    var flavor: String?
    @Option(help: "In how many bits the generator keeps its weights: \(ServiceSettings.Precision.words).")
    var precision: ServiceSettings.Precision?
    @Option(help: "Threads for the arithmetic of a process.")
    var threads: Int?
    @Option(help: "Dialogues that each worker takes at once.")
    var slots: Int?
    @Option(help: "The gateway's endpoint: ipc://PATH or tcp://HOST:PORT.")
    var gateway: String?
    @Option(help: "The configuration's file.")
    var config: String?
    @Option(name: .customLong("runtime-dir"), help: "The folder of local sockets.")
    var runtimeDirectory: String?
    @Option(name: .customLong("data-dir"), help: "The folder of the voice library.")
    var dataDirectory: String?
    @Option(name: .customLong("log-level"), help: "trace, debug, info, notice, warning, error or critical.")
    var logLevel: String?

    /// Whether they say what model a suite is to have.
    var namesAModel: Bool { model != nil || codec != nil || flavor != nil || precision != nil }

    /// What the options set, as the services' own flags; `--config` apart.
    var flags: ConfigurationFlags {
        var flags = ConfigurationFlags()
        let texts: [(key: String, text: String?)] = [
            ("model", absolute(model)), ("codec", absolute(codec)), ("flavor", flavor),
            ("precision", precision?.rawValue),
            ("threads", threads.map(String.init)), ("slots", slots.map(String.init)), ("gateway", gateway),
            ("runtime_dir", absolute(runtimeDirectory)), ("data_dir", absolute(dataDirectory)),
            ("log_level", logLevel),
        ]
        for (key, text) in texts { if let text { flags.values[key] = [text] } }
        flags.configPath = absolute(config)
        return flags
    }

    var settings: ServiceSettings {
        get throws(ConfigurationError) {
            try ServiceSettings(flags: flags, environment: ProcessInfo.processInfo.environment)
        }
    }

    private func absolute(_ path: String?) -> String? { path.map { URL(filePath: $0).path } }
}

extension ServiceSettings.Precision: ExpressibleByArgument {
    /// For help: what may be given.
    static var words: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
