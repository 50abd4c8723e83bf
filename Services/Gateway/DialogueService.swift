import Contracts
import Foundation
package import Logging
import ServiceKit
import Sessions
import Synchronization
package import Wire

/// The methods that the gateway answers itself: `dialogue.Speak` and `gateway.Status`.
package final class DialogueService: Sendable {
    /// What a dialogue needs.
    private static let services = ["codec", "generator", "voices"]
    /// How often a dialogue that waits for a worker looks again.
    private static let lookInterval = Duration.milliseconds(50)

    private struct Gateway {
        // The gateway holds the method table, which holds this.
        weak var wire: WireGateway?
    }

    private let desk: AdmissionDesk
    private let appearWait: Duration
    private let logger: Logger
    private let began = ContinuousClock.now
    private let gateway = Mutex(Gateway())

    package init(sessionsMax: Int, sessionsWaitingMax: Int, appearWait: Duration, logger: Logger) {
        desk = AdmissionDesk(runningMax: sessionsMax, waitingMax: sessionsWaitingMax)
        self.appearWait = appearWait
        self.logger = logger
    }

    /// The gateway through which workers are called; told once, because it is made of the method table.
    package func attach(_ wire: WireGateway) { gateway.withLock { $0.wire = wire } }

    package var methods: MethodTable {
        var methods = MethodTable()
        methods.on(Methods.speak) { [self] request, context in try await speak(request, context) }
        methods.on(Methods.status) { [self] _, _ in try await status() }
        return methods
    }

    private func wire() throws(CallError) -> WireGateway {
        guard let wire = gateway.withLock({ $0.wire }) else { throw CallError(.unavailable, "the gateway is stopping") }
        return wire
    }

    private func speak(
        _ request: SpeakRequest, _ context: CallContext<NoItem, SpeakItem>
    ) async throws -> SpeakResponse {
        let wire = try wire()
        return try await desk.admit { [self] in
            let models = try await agreedModels(wire)
            // 32 bits are as good as 64 for a choice, and easier to type again.
            let session = try SpeakSession(request, models: models, chosenSeed: UInt64(UInt32.random(in: 0 ... .max)))
            var shell = SpeakShell(caller: wire, client: context)
            do throws(CallError) {
                let response = try await shell.run(session)
                logger.info(
                    "a dialogue was spoken",
                    metadata: [
                        "seed": "\(response.seed)", "frames": "\(response.frames)",
                        "elapsed_seconds": "\(response.elapsedSeconds)", "finish": "\(response.finish.rawValue)",
                    ])
                return response
            } catch {
                logger.notice(
                    "a dialogue ended without its sound",
                    metadata: ["seed": "\(session.seed)", "code": "\(error.code.rawValue)"])
                throw error
            }
        }
    }

    /// Waits for the workers that a dialogue needs, as requests for a worker wait that is not there.
    private func agreedModels(_ wire: WireGateway) async throws -> AgreedModels {
        let deadline = ContinuousClock.now + appearWait
        var workers = await wire.workers.map(\.description)
        while !AgreedModels.services.isSubset(of: workers.map(\.service)), ContinuousClock.now < deadline {
            try await Task.sleep(for: Self.lookInterval)
            workers = await wire.workers.map(\.description)
        }
        return try AgreedModels(workers: workers)
    }

    private func status() async throws(CallError) -> StatusResponse {
        let workers = try await wire().workers
        var response = StatusResponse()
        response.software = Software.version
        response.process = UInt64(ProcessInfo.processInfo.processIdentifier)
        response.upSeconds = (ContinuousClock.now - began) / .seconds(1)
        response.sessions = await desk.runningCount
        response.workers = workers.map(WorkerStatus.init)
        response.missing = Self.services.filter { service in !workers.contains { $0.description.service == service } }
        return response
    }
}

extension WorkerStatus {
    fileprivate init(_ worker: ConnectedWorker) {
        self.init()
        let description = worker.description
        service = description.service
        instance = description.instance.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        process = description.process
        host = description.host
        slots = description.slots
        running = worker.running
        software = description.software
        model = description.model?.name ?? ""
        precision = description.model?.precision ?? ""
        device = description.model?.device ?? ""
        upSeconds = worker.upSeconds
        methods = description.methods
    }
}
