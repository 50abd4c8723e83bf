import ArgumentParser
import Foundation
import ServiceKit
import Supervision

/// `colloquy up`: the suite on this machine, kept alive until Ctrl-C.
struct Up: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Start the four services, start again what dies, and stop all of them on Ctrl-C.")

    @OptionGroup var suite: SuiteOptions

    func run() async throws {
        let settings = try suite.settings
        try settings.runtimeDirectory.prepare()
        let plans = try SuitePlans(flags: suite.flags, tellsOutput: true)
        say("the gateway listens at \(settings.gateways.joined(separator: ", ")); Ctrl-C stops the suite")
        // A service that cannot drain in time ends by itself 7 s behind its limit, and says so; only then is it killed.
        let supervisor = Supervisor(plans: plans.plans, graceful: settings.drainLimit + .seconds(9)) { event in
            say(event.words)
        }
        do {
            try await untilSignalled { await supervisor.run() }
        } catch is CancellationError {
            say("stopped")
        }
    }
}

private func say(_ text: String) {
    StandardError.write("colloquy up: \(text)\n")
}

extension SupervisionEvent {
    fileprivate var words: String {
        switch self {
        case .started(let name, let process): "\(name) started (process \(process))"
        case .died(let name, let process, let end, let delay):
            "\(name) (process \(process)) \(end); starting it again in \(delay.seconds) s"
        case .unstartable(let name, let reason, let delay):
            "\(name) cannot be started: \(reason); trying again in \(delay.seconds) s"
        case .stopped(let name, let process, let end): "\(name) (process \(process)) \(end)"
        }
    }
}

extension Duration {
    /// Seconds with one place behind the point.
    var seconds: String {
        let value = Double(components.seconds) + Double(components.attoseconds) * 1e-18
        return "\((value * 10).rounded() / 10)"
    }
}
