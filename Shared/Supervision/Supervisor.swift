import Foundation
import Subprocess
import SystemPackage

/// Keeps processes alive: starts them, starts again what dies, with back-off, and stops them together.
///
/// Each child stands in a process group of its own, so that a terminal's Ctrl-C reaches the supervisor alone, which
/// then asks the children to stop.
public struct Supervisor: Sendable {
    public let plans: [ServicePlan]
    /// How long a child may take to stop after it was asked, until it is killed.
    public let graceful: Duration
    private let tell: @Sendable (SupervisionEvent) -> Void

    /// - Parameter tell: Hears of every start and end, from any thread.
    public init(
        plans: [ServicePlan], graceful: Duration = .seconds(10),
        tell: @escaping @Sendable (SupervisionEvent) -> Void = { _ in }
    ) {
        self.plans = plans
        self.graceful = graceful
        self.tell = tell
    }

    /// Runs until the surrounding task is cancelled; returns when no child is left.
    public func run() async {
        await withDiscardingTaskGroup { group in
            for plan in plans { group.addTask { await keepAlive(plan) } }
        }
    }

    private func keepAlive(_ plan: ServicePlan) async {
        let clock = ContinuousClock()
        let born = clock.now
        var policy = RestartPolicy()
        while !Task.isCancelled {
            policy.started(at: clock.now - born)
            let delay: Duration
            do {
                let (process, end) = try await runOnce(plan)
                if Task.isCancelled { return tell(.stopped(name: plan.name, process: process, end: end)) }
                delay = policy.died(at: clock.now - born)
                tell(.died(name: plan.name, process: process, end: end, restartIn: delay))
            } catch {
                if Task.isCancelled { return }
                delay = policy.died(at: clock.now - born)
                tell(.unstartable(name: plan.name, reason: "\(error)", retryIn: delay))
            }
            try? await clock.sleep(for: delay)
        }
    }

    private func runOnce(_ plan: ServicePlan) async throws -> (process: Int32, end: ProcessEnd) {
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: graceful)]
        let environment = Dictionary(
            uniqueKeysWithValues: plan.environment.map { (Environment.Key(stringLiteral: $0.key), $0.value) })
        // Our own standard output is for results; what a child tells people goes where people look.
        let output =
            plan.tellsOutput
            ? FileDescriptorOutput.currentStandardError
            : .fileDescriptor(try .open("/dev/null", .writeOnly), closeAfterSpawningProcess: true)
        let outcome = try await Subprocess.run(
            .path(FilePath(plan.executable.path)), arguments: Arguments(plan.arguments),
            environment: .custom(environment), platformOptions: options, input: .none, output: output,
            error: .currentStandardError
        ) { execution in
            tell(.started(name: plan.name, process: execution.processIdentifier.value))
        }
        let end: ProcessEnd =
            switch outcome.terminationStatus {
            case .exited(let status): .exited(status)
            case .signaled(let signal): .killed(signal: signal)
            }
        return (outcome.processIdentifier.value, end)
    }
}
