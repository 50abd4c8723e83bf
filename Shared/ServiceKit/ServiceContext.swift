public import Contracts
import Foundation
import Glibc
public import Logging
public import Wire

/// What a starting service is given.
public struct ServiceContext: Sendable {
    public let settings: ServiceSettings
    public let logger: Logger
    let service: String

    package init(settings: ServiceSettings, logger: Logger, service: String) {
        self.settings = settings
        self.logger = logger
        self.service = service
    }

    /// Tells whoever started this process, by one line on stdout, that it can be used.
    public func announceReady(_ facts: [String: String] = [:]) {
        let more = facts.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        let line = Array("ready service=\(service) process=\(getpid())\(more)\n".utf8)
        _ = line.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
    }

    /// What this process says of itself in `HELLO`.
    public func description(methods: MethodTable, model: ModelFacts? = nil) -> PeerDescription {
        PeerDescription(
            service: service, software: Software.version,
            instance: (0..<16).map { _ in UInt8.random(in: .min ... .max) }, process: UInt64(getpid()),
            host: ProcessInfo.processInfo.hostName, slots: settings.slots, methods: methods.names, model: model)
    }

    /// A worker of this service that dials the gateways of the configuration.
    public func worker(methods: MethodTable, model: ModelFacts? = nil) throws(CallError) -> WireWorker {
        WireWorker(
            gateways: try settings.endpoints(settings.gateways),
            description: description(methods: methods, model: model),
            methods: methods, timings: settings.timings, limits: settings.limits, logger: logger)
    }
}

extension ServiceSettings {
    public var timings: LinkTimings { LinkTimings(heartbeat: heartbeat, missedMax: missedMax) }

    /// The limits of CLQ/1, with this configuration's drain limit.
    public var limits: WireLimits {
        var limits = WireLimits()
        limits.drainWait = drainLimit
        return limits
    }

    /// Texts of the configuration, which has checked them.
    public func endpoints(_ texts: [String]) throws(CallError) -> [WireEndpoint] {
        var endpoints: [WireEndpoint] = []
        for text in texts { endpoints.append(try WireEndpoint(text)) }
        return endpoints
    }
}
