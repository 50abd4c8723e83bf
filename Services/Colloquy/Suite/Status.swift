import ArgumentParser
import Contracts
import Foundation
import ServiceKit
import Wire

/// `colloquy status`: who works at the gateway.
struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the services of the suite that runs.")

    @OptionGroup var suite: SuiteOptions
    @Flag(help: "As JSON, for machines.")
    var json = false

    func run() async throws {
        let settings = try suite.settings
        let endpoint = settings.gateways[0]
        guard
            let client = try? await WireClient(
                endpoint: WireEndpoint(endpoint), software: Software.version, timings: settings.timings,
                connectWait: .seconds(2), logger: Suite.logger)
        else {
            throw ServiceFailure(.unavailable, "no gateway answers at \(endpoint); start one with: colloquy up")
        }
        let status = try await client.ask(Methods.status, StatusRequest(), options: CallOptions(budget: .seconds(5)))
        await client.close()
        print(json ? try JSONLine.text(Report(status)) : status.words)
    }

    private struct Report: Encodable {
        struct Worker: Encodable {
            let service, instance, host, software, model, precision, device: String
            let process: UInt64
            let slots, running: Int
            let upSeconds: Double
        }

        let software: String
        let process: UInt64
        let upSeconds: Double
        let sessions: Int
        let missing: [String]
        let workers: [Worker]

        init(_ status: StatusResponse) {
            software = status.software
            process = status.process
            upSeconds = status.upSeconds
            sessions = status.sessions
            missing = status.missing
            workers = status.workers.map {
                Worker(
                    service: $0.service, instance: $0.instance, host: $0.host, software: $0.software, model: $0.model,
                    precision: $0.precision, device: $0.device, process: $0.process, slots: $0.slots,
                    running: $0.running, upSeconds: $0.upSeconds)
            }
        }
    }
}

extension StatusResponse {
    /// For people: a line a process.
    fileprivate var words: String {
        let own = "gateway    process \(process), up \(upSeconds.places(0)) s, \(sessions) dialogues"
        let others = workers.map { worker in
            let model = worker.model.isEmpty ? "" : ", \(worker.model) (\(worker.precision), \(worker.device))"
            let name = worker.service.padding(toLength: 10, withPad: " ", startingAt: 0)
            return "\(name) process \(worker.process) on \(worker.host), up \(worker.upSeconds.places(0)) s, "
                + "\(worker.running) of \(worker.slots) slots\(model)"
        }
        let missing = self.missing.map { "\($0.padding(toLength: 10, withPad: " ", startingAt: 0)) missing" }
        return ([own] + others + missing).joined(separator: "\n")
    }
}
