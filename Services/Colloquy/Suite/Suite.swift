import Contracts
import Foundation
import Logging
import ServiceKit
import Supervision
import Synchronization
import Wire

/// A connection to a suite: the one that runs, or one of our own that ends with the work.
struct Suite: Sendable {
    let client: WireClient
    /// Whether it was started for this work alone.
    let isOwn: Bool

    /// Connects to the gateway of the settings; when none answers there and none was named, starts a suite.
    ///
    /// A suite of our own has a folder of sockets of its own, so that it disturbs no other and none disturbs it; the
    /// voice library is the user's own in both cases.
    static func with<Result: Sendable>(
        _ options: SuiteOptions, tell: @escaping @Sendable (String) -> Void = { _ in },
        _ work: @escaping @Sendable (Suite) async throws -> Result
    ) async throws -> Result {
        let settings = try options.settings
        if let running = try? await connect(settings, settings.gateways[0], wait: .milliseconds(700)) {
            let suite = Suite(client: running, isOwn: false)
            do {
                if options.namesAModel {
                    tell(
                        "a suite runs already, with the model it was started with; --model and --precision are not heeded"
                    )
                }
                let result = try await work(suite)
                await running.close()
                return result
            } catch {
                await running.close()
                throw error
            }
        }
        guard options.gateway == nil else {
            throw ServiceFailure(
                .unavailable, "no gateway answers at \(settings.gateways[0]); start one with: colloquy up")
        }
        return try await withOwn(options, tell: tell, work)
    }

    /// Starts a suite for this work, whatever else runs.
    static func withOwn<Result: Sendable>(
        _ options: SuiteOptions, tell: @escaping @Sendable (String) -> Void,
        _ work: @escaping @Sendable (Suite) async throws -> Result
    ) async throws -> Result {
        let settings = try options.settings
        OwnFolders.removeAbandoned()
        let folder = OwnFolders.ofThisProcess
        try folder.prepare()
        defer { try? FileManager.default.removeItem(atPath: folder.path) }
        let endpoint = folder.socket("gateway")
        let plans = try SuitePlans(
            flags: options.flags,
            over: [
                "runtime_dir": folder.path, "gateway": endpoint, "log_level": options.logLevel ?? "error",
            ], tellsOutput: false)
        tell("starting the suite")
        let death = FirstDeath()
        let supervisor = Supervisor(plans: plans.plans, graceful: .seconds(5), tell: death.hear)
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                await supervisor.run()
                return nil
            }
            defer { group.cancelAll() }
            let client = try await waitUntilReady(settings, endpoint, death, tell)
            do {
                let result = try await work(Suite(client: client, isOwn: true))
                await client.close()
                return result
            } catch {
                await client.close()
                throw error
            }
        }
    }

    /// Connects, and waits until every service has joined.
    private static func waitUntilReady(
        _ settings: ServiceSettings, _ endpoint: String, _ death: FirstDeath,
        _ tell: @Sendable (String) -> Void
    ) async throws -> WireClient {
        let clock = ContinuousClock()
        let start = clock.now
        let deadline = start + .seconds(600)  // a full-size model is hashed and packed from a slow disk
        var hasToldOfWork = false
        var client: WireClient?
        while clock.now < deadline {
            try Task.checkCancellation()
            if !hasToldOfWork, clock.now > start + .seconds(5) {
                hasToldOfWork = true
                tell("a model's first start reads and packs all of its weights; later ones take a second or two")
            }
            if let told = death.told { throw ServiceFailure(.unavailable, told) }
            if client == nil { client = try? await connect(settings, endpoint, wait: .seconds(1)) }
            if let client, let status = try? await client.ask(Methods.status, StatusRequest(), options: CallOptions()),
                status.missing.isEmpty
            {
                return client
            }
            try await clock.sleep(for: .milliseconds(50))
        }
        throw ServiceFailure(.unavailable, "the suite did not become ready within ten minutes")
    }

    private static func connect(
        _ settings: ServiceSettings, _ endpoint: String, wait: Duration
    ) async throws -> WireClient {
        try await WireClient(
            endpoint: WireEndpoint(endpoint), software: Software.version, timings: settings.timings, connectWait: wait,
            logger: logger)
    }

    /// The command tells people what matters to them by itself.
    static let logger = Logger(label: "colloquy") { _ in SwiftLogNoOpLogHandler() }
}

/// The first end of a service while the suite starts: its own words stand on standard error already.
private final class FirstDeath: Sendable {
    private let message = Mutex<String?>(nil)

    var told: String? { message.withLock { $0 } }

    @Sendable func hear(_ event: SupervisionEvent) {
        let text: String? =
            switch event {
            case .died(let name, _, let end, _): "the \(name) service \(end) while the suite started"
            case .unstartable(let name, let reason, _): "the \(name) service cannot be started: \(reason)"
            case .started, .stopped: nil
            }
        message.withLock { if $0 == nil { $0 = text } }
    }
}
