import Foundation
import Glibc
import Logging
public import ServiceLifecycle
import UnixSignals

/// Work that ends when the process is asked to stop: its task is cancelled then, and may still finish what runs.
public struct UntilShutdown: Service, CustomStringConvertible {
    public let description: String
    private let work: @Sendable () async throws -> Void

    /// - Parameter work: For example the `run` of a `WireWorker`, which drains when it is cancelled.
    public init(_ name: String, _ work: @escaping @Sendable () async throws -> Void) {
        description = name
        self.work = work
    }

    public func run() async throws {
        do {
            try await cancelWhenGracefulShutdown(work)
        } catch is CancellationError {}
    }
}

/// The life of a service's process, the same for all of them: read, check, start, run, drain, end.
public enum ServiceProcess {
    /// Past the drain limit, what still runs is cancelled; past this too, the process ends without it.
    private static let cancelGrace: Duration = .seconds(5)
    /// Wire keeps the drain limit itself and needs a moment to say goodbye.
    private static let drainSlack: Duration = .seconds(2)

    /// Runs a service and ends the process with an `ExitCode`.
    ///
    /// ```swift
    /// await ServiceProcess.main(CodecConfiguration.self) { configuration, context in
    ///     let worker = try context.worker(methods: methods, model: facts)
    ///     return [UntilShutdown("codec worker") { try await worker.run() }]
    /// }
    /// ```
    ///
    /// - Parameter start: Loads, connects, and returns what then runs until the process is asked to stop (SIGTERM or
    ///   SIGINT). Its errors end the process with a log line and the code of `ServiceFailure(from:)`.
    public static func main<Own: ServiceConfiguration>(
        _: Own.Type, start: @Sendable (Own, ServiceContext) async throws -> [any Service]
    ) async -> Never {
        signal(SIGPIPE, SIG_IGN)  // a reader of our pipes may go away; writes then fail, which is enough
        var logger = Logger(label: "colloquy.\(Own.service)") { LogLines(label: $0, level: .info, format: .text) }
        do {
            switch try ServiceStart<Own>(
                arguments: Array(CommandLine.arguments.dropFirst()), environment: ProcessInfo.processInfo.environment,
                fileExists: FileManager.default.fileExists(atPath:))
            {
            case .print(let text): print(text)
            case .run(let settings, let own, let flags):
                logger = Logger(label: "colloquy.\(Own.service)") {
                    LogLines(label: $0, level: settings.logLevel, format: settings.logFormat)
                }
                if flags.exitsWithParent { ParentProcess.terminateWithIt(expected: flags.parentProcess) }
                try settings.runtimeDirectory.prepare()
                let context = ServiceContext(settings: settings, logger: logger, service: Own.service)
                try await run(try await start(own, context), settings: settings, logger: logger)
            }
            exit(ExitCode.success.rawValue)
        } catch {
            let failure = ServiceFailure(from: error)
            logger.critical("\(failure.message)", metadata: ["exit": "\(failure.exitCode.rawValue)"])
            exit(failure.exitCode.rawValue)
        }
    }

    private static func run(_ services: [any Service], settings: ServiceSettings, logger: Logger) async throws {
        let limit = settings.drainLimit
        let lastResort = UntilStopped { [logger] in
            Thread.detachNewThread { @Sendable in
                Thread.sleep(forTimeInterval: TimeInterval((limit + drainSlack + cancelGrace).components.seconds))
                logger.error("work did not end when it was cancelled; the process ends without it")
                _exit(ExitCode.temporary.rawValue)
            }
        }
        var group = ServiceGroupConfiguration(
            services: services + [lastResort], gracefulShutdownSignals: StopSignals.trapped, logger: logger)
        // Orchestrators kill what outlives its grace period; ending first keeps the exit code honest.
        group.maximumGracefulShutdownDuration = limit + drainSlack
        try await ServiceGroup(configuration: group).run()
    }
}

/// Waits for the process to be asked to stop, and starts the clock of the last resort.
///
/// It holds a thread of its own because by then every thread of the pool may be in arithmetic that hears nobody.
private struct UntilStopped: Service {
    let onStop: @Sendable () -> Void

    func run() async throws {
        do { try await gracefulShutdown() } catch { return }  // another service failed, which ends the process anyway
        onStop()
    }
}
