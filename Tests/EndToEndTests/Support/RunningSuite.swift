import Contracts
import Foundation
import Logging
import Subprocess
import SystemPackage
import TestSupport
import Wire

/// `colloquy up` in a home of its own, as long as a test's body runs.
struct RunningSuite: Sendable {
    let home: Home
    /// Of `colloquy up`.
    let process: Int32

    /// Starts a suite, waits until all services have joined, runs the body, and stops the suite as Ctrl-C does.
    ///
    /// - Returns: How `colloquy up` ended.
    @discardableResult
    static func with(
        _ arguments: [String] = [], home: Home? = nil, _ body: @escaping @Sendable (RunningSuite) async throws -> Void
    ) async throws -> TerminationStatus {
        let home = try home ?? Home()
        try FileManager.default.createDirectory(at: home.folder.url, withIntermediateDirectories: true)
        let log = try FileDescriptor.open(
            FilePath(home.path("up.log")), .writeOnly, options: [.create, .append], permissions: [.ownerReadWrite])
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [.send(signal: .interrupt, allowedDurationToNextStep: .seconds(60))]
        return try await Subprocess.run(
            .path(FilePath(Command.binFolder.appending(path: "colloquy").path)),
            arguments: Arguments(["up"] + arguments), environment: .custom(keyed(home.environment)),
            platformOptions: options, input: .none, output: .fileDescriptor(log, closeAfterSpawningProcess: false),
            error: .fileDescriptor(log, closeAfterSpawningProcess: true)
        ) { execution in
            let suite = RunningSuite(home: home, process: execution.processIdentifier.value)
            defer { kill(suite.process, SIGINT) }
            _ = try await suite.status { $0.missing.isEmpty }
            try await body(suite)
        }.terminationStatus
    }

    /// A client of the suite's gateway.
    func client() async throws -> WireClient {
        try await WireClient(
            endpoint: WireEndpoint(home.endpoint), connectWait: .seconds(30),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// The gateway's status, once it is as wanted.
    ///
    /// - Throws: `Waited` with the last status when it never becomes so.
    func status(where isWanted: (StatusResponse) -> Bool) async throws -> StatusResponse {
        var last: StatusResponse?
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(120)
        while clock.now < deadline {
            // A new client every time: the gateway may be the one that was killed.
            if let client = try? await client() {
                last = try? await client.ask(
                    Methods.status, StatusRequest(), options: CallOptions(budget: .seconds(5)))
                await client.close()
                if let last, isWanted(last) { return last }
            }
            try await clock.sleep(for: .milliseconds(50))
        }
        throw Waited(last: last, log: (try? String(contentsOfFile: home.path("up.log"), encoding: .utf8)) ?? "")
    }

    struct Waited: Error, CustomStringConvertible {
        let last: StatusResponse?
        let log: String
        var description: String { "never as wanted; last: \(String(describing: last)); the suite's log:\n\(log)" }
    }
}

extension StatusResponse {
    /// The process of a service; the gateway's own for `gateway`.
    func process(of service: String) -> Int32? {
        if service == "gateway" { return Int32(clamping: process) }
        return workers.first { $0.service == service }.map { Int32(clamping: $0.process) }
    }
}

/// Whether a process is there and no zombie.
func isRunning(_ process: Int32) -> Bool {
    guard let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return false }
    return stat.split(separator: ")").last?.split(separator: " ").first != "Z"
}

/// Waits until something holds, for as long as a loaded machine may need.
func eventually(_ holds: () async throws -> Bool) async throws -> Bool {
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(60)
    while clock.now < deadline {
        if try await holds() { return true }
        try await clock.sleep(for: .milliseconds(50))
    }
    return false
}
