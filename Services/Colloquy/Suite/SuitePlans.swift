import Foundation
import ServiceKit
import Supervision

/// The four processes of a suite on this machine.
struct SuitePlans {
    static let services = ["gateway", "voices", "codec", "generator"]

    /// In the order in which they start; nobody waits for anybody, since workers dial until they are answered.
    let plans: [ServicePlan]

    /// - Parameters:
    ///   - flags: As the user gave them; every service understands them.
    ///   - over: Flags that stand over those, by key.
    ///   - tellsOutput: Whether the services' own words are shown.
    /// - Throws: `ServiceFailure` when an executable is not beside this one.
    init(flags: ConfigurationFlags, over: [String: String] = [:], tellsOutput: Bool) throws(ServiceFailure) {
        var arguments = ["--exit-with-parent=\(ProcessInfo.processInfo.processIdentifier)"]
        if let path = flags.configPath { arguments += ["--config", path] }
        var values = flags.values.compactMapValues { $0.last }
        values.merge(over) { $1 }
        for (key, value) in values.sorted(by: { $0.key < $1.key }) {
            arguments.append("--\(key.replacing("_", with: "-"))=\(value)")
        }
        var plans: [ServicePlan] = []
        for service in Self.services {
            plans.append(
                ServicePlan(
                    name: service, executable: try Self.executable("colloquy-\(service)"), arguments: arguments,
                    environment: ProcessInfo.processInfo.environment, tellsOutput: tellsOutput))
        }
        self.plans = plans
    }

    /// Beside this executable, links followed.
    static func executable(_ name: String) throws(ServiceFailure) -> URL {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let url = URL(filePath: own).deletingLastPathComponent().appending(path: name)
        guard FileManager.default.isExecutableFile(atPath: url.path) else {
            throw ServiceFailure(
                .unavailable, "\(url.path) is not there; keep the suite's five executables in one folder (make build)")
        }
        return url
    }
}
