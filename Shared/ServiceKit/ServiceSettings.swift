public import Foundation
public import Logging
import Wire

/// What every service is told alike, and where the suite keeps its things.
public struct ServiceSettings: Sendable {
    public enum LogFormat: String, CaseIterable, Sendable { case text, json }
    /// How a checkpoint lays out prompts and decodes.
    public enum Flavor: String, CaseIterable, Sendable {
        case v05 = "v0.5"
        case v07 = "v0.7"
    }

    /// In how many bits a generator keeps its weights; ModelLoading says what `auto` means for a model.
    public enum Precision: String, CaseIterable, Sendable { case auto, stored, bf16, int8, int4 }

    public static let gateway = ConfigurationKey.endpoints(
        "gateway", defaultText: "ipc://<runtime_dir>/gateway.sock",
        reason: "where the gateway listens and everyone else dials; several gateways share the work")
    public static let runtimeDirectory = ConfigurationKey.path(
        "runtime_dir", defaultText: "$XDG_RUNTIME_DIR/colloquy, or /tmp/colloquy-<user id>",
        reason: "the folder of local sockets, of mode 0700")
    public static let dataDirectory = ConfigurationKey.path(
        "data_dir", defaultText: "$XDG_DATA_HOME/colloquy, or ~/.local/share/colloquy",
        reason: "the folder of what must survive a restart")
    public static let cacheDirectory = ConfigurationKey.path(
        "cache_dir", defaultText: "$XDG_CACHE_HOME/colloquy, or ~/.cache/colloquy",
        reason:
            "the folder of what can be made again: hashes of models, and packed weights that find no place beside them")
    public static let logLevel = ConfigurationKey<Logger.Level>.choice(
        "log_level", default: .info, reason: "the least grave events that are still told")
    public static let logFormat = ConfigurationKey<LogFormat>.choice(
        "log_format", default: .text, reason: "json for machines that collect logs")
    public static let heartbeat = ConfigurationKey.milliseconds(
        "heartbeat_milliseconds", 50...10_000, default: 500,
        reason: "a silent peer says this often that it is there; longer on links that are slow to deliver")
    public static let missedMax = ConfigurationKey.integer(
        "missed_max", 2...100, default: 4,
        reason: "heartbeats missed until a peer counts as lost; four of 500 ms tell within 3 s")
    public static let drainLimit = ConfigurationKey.seconds(
        "drain_seconds", 0...3600, default: 30,
        reason: "how long a stopping process may finish what runs; below the grace period of an orchestrator")
    public static let model = ConfigurationKey.path(
        "model", defaultText: "the embedded model",
        reason: "a MOSS-TTSD checkpoint, or a folder that holds one with its codec")
    public static let codec = ConfigurationKey.path(
        "codec", defaultText: "found beside the model", reason: "the XY-Tokenizer, where it lies elsewhere")
    public static let flavor = ConfigurationKey<Flavor>.choice(
        "flavor", default: nil, defaultText: "as the model's files say",
        reason: "for a checkpoint whose files do not tell its version")
    public static let precision = ConfigurationKey<Precision>.choice(
        "precision", default: .auto,
        reason: "of the language model's weights: fewer bits are read faster, and take less memory")
    public static let threads = ConfigurationKey.integer(
        "threads", 1...1024, default: nil, defaultText: "as many as there are processors",
        reason: "for the arithmetic of one process; several workers on a machine divide it between them")
    public static let slots = ConfigurationKey.integer(
        "slots", 1...256, default: 4, reason: "requests worked on at once; each costs memory")

    /// In the order in which `--help` and `--check` print them.
    public static let keys: [ConfigurationKeyDeclaration] = [
        gateway.declaration, runtimeDirectory.declaration, dataDirectory.declaration,
        cacheDirectory.declaration, logLevel.declaration,
        logFormat.declaration, heartbeat.declaration, missedMax.declaration, drainLimit.declaration, model.declaration,
        codec.declaration, flavor.declaration, precision.declaration, threads.declaration, slots.declaration,
    ]

    public let gateways: [String]
    public let runtimeDirectory: RuntimeFolder
    public let dataDirectory: URL
    public let cacheDirectory: URL
    public let logLevel: Logger.Level
    public let logFormat: LogFormat
    public let heartbeat: Duration
    public let missedMax: Int
    public let drainLimit: Duration
    /// nil: the embedded model.
    public let model: URL?
    /// nil: as found beside the model.
    public let codec: URL?
    /// nil: as the model's files say.
    public let flavor: Flavor?
    public let precision: Precision
    public let threads: Int
    public let slots: Int

    public init(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
        let places = StandardPlaces(environment: reader.environment)
        let runtime = try reader.value(of: Self.runtimeDirectory, orElse: places.runtimeDirectory)
        runtimeDirectory = RuntimeFolder(path: places.expand(runtime))
        let socket = runtimeDirectory.socket("gateway")
        gateways = try reader.value(of: Self.gateway, orElse: [socket])
        guard (try? WireEndpoint(socket)) != nil else {
            throw ConfigurationError(
                key: "runtime_dir", source: .default, value: runtime,
                allowed: "a socket in it would have a path over 107 bytes, which Linux refuses; choose a shorter folder"
            )
        }
        dataDirectory = URL(
            filePath: places.expand(try reader.value(of: Self.dataDirectory, orElse: places.dataDirectory)))
        cacheDirectory = URL(
            filePath: places.expand(try reader.value(of: Self.cacheDirectory, orElse: places.cacheDirectory)))
        logLevel = try reader.value(of: Self.logLevel)
        logFormat = try reader.value(of: Self.logFormat)
        heartbeat = try reader.value(of: Self.heartbeat)
        missedMax = try reader.value(of: Self.missedMax)
        drainLimit = try reader.value(of: Self.drainLimit)
        model = try reader.optionalValue(of: Self.model).map { URL(filePath: places.expand($0)) }
        codec = try reader.optionalValue(of: Self.codec).map { URL(filePath: places.expand($0)) }
        flavor = try reader.optionalValue(of: Self.flavor)
        precision = try reader.value(of: Self.precision)
        threads = try reader.value(of: Self.threads, orElse: max(1, ProcessInfo.processInfo.activeProcessorCount))
        slots = try reader.value(of: Self.slots)
    }
}

/// Folders as the XDG base directory specification names them.
public struct StandardPlaces: Sendable {
    let environment: [String: String]

    public init(environment: [String: String]) { self.environment = environment }

    var home: String { environment["HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? NSHomeDirectory() }

    /// `$XDG_RUNTIME_DIR/colloquy`, or a folder of this user's own in `/tmp`.
    public var runtimeDirectory: String {
        folder("XDG_RUNTIME_DIR").map { $0 + "/colloquy" } ?? "/tmp/colloquy-\(RuntimeFolder.user)"
    }

    public var cacheDirectory: String { (folder("XDG_CACHE_HOME") ?? home + "/.cache") + "/colloquy" }

    public var dataDirectory: String { (folder("XDG_DATA_HOME") ?? home + "/.local/share") + "/colloquy" }

    /// Where a configuration lies that nobody named.
    public var configurationFile: String {
        (folder("XDG_CONFIG_HOME") ?? home + "/.config") + "/colloquy/colloquy.yaml"
    }

    /// The specification has relative paths ignored.
    private func folder(_ variable: String) -> String? {
        environment[variable].flatMap { $0.hasPrefix("/") ? $0 : nil }
    }

    public func expand(_ path: String) -> String { path.hasPrefix("~/") ? home + path.dropFirst(1) : path }
}
