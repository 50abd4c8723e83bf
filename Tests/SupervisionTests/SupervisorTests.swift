import Foundation
import Supervision
import TestSupport
import Testing

@Suite struct RestartPolicyTests {
    @Test func waitsLongerWithEveryDeathUpToALimit() {
        var policy = RestartPolicy(first: .seconds(1), longest: .seconds(5), sound: .seconds(60))
        var delays: [Duration] = []
        for second in 0..<5 {
            policy.started(at: .seconds(second))
            delays.append(policy.died(at: .seconds(second)))
        }
        #expect(delays == [.seconds(1), .seconds(2), .seconds(4), .seconds(5), .seconds(5)])
    }

    @Test func beginsAnewAfterASoundLife() {
        var policy = RestartPolicy(first: .seconds(1), longest: .seconds(5), sound: .seconds(60))
        policy.started(at: .zero)
        _ = policy.died(at: .seconds(1))
        policy.started(at: .seconds(2))
        #expect(policy.died(at: .seconds(61)) == .seconds(2))
        policy.started(at: .seconds(70))
        #expect(policy.died(at: .seconds(130)) == .seconds(1))
    }

    @Test func neverOverflows() {
        var policy = RestartPolicy()
        for _ in 0..<10_000 { #expect(policy.died(at: .zero) <= policy.longest) }
    }
}

@Suite struct SupervisorTests {
    /// Collects what a supervisor tells and lets a test wait for it.
    final class Ear: Sendable {
        private let events = AsyncStream.makeStream(of: SupervisionEvent.self)
        func hear(_ event: SupervisionEvent) { events.continuation.yield(event) }

        func first<Value>(where pick: (SupervisionEvent) -> Value?) async -> Value? {
            for await event in events.stream { if let value = pick(event) { return value } }
            return nil
        }
    }

    func shell(_ script: String) -> ServicePlan {
        ServicePlan(
            name: "child", executable: URL(filePath: "/bin/sh"), arguments: ["-c", script],
            environment: ProcessInfo.processInfo.environment)
    }

    @Test(.timeLimit(.minutes(1))) func startsAgainWhatIsKilledAndLeavesNothingBehind() async throws {
        let ear = Ear()
        let supervisor = Supervisor(plans: [shell("exec sleep 600")], tell: ear.hear)
        let running = Task { await supervisor.run() }
        let first = try #require(await ear.first { if case .started(_, let process) = $0 { process } else { nil } })
        kill(first, SIGKILL)
        let end = await ear.first { if case .died(_, first, let end, _) = $0 { end } else { nil } }
        #expect(end == .killed(signal: SIGKILL))
        let second = try #require(await ear.first { if case .started(_, let process) = $0 { process } else { nil } })
        #expect(second != first)
        running.cancel()
        await running.value
        let stopped = await ear.first { if case .stopped(_, second, let end) = $0 { end } else { nil } }
        #expect(stopped == .killed(signal: SIGTERM))
        #expect(kill(second, 0) != 0)
    }

    @Test(.timeLimit(.minutes(1))) func killsWhatDoesNotStop() async throws {
        let ear = Ear()
        // The sleep is in a loop, so that the shell survives the signal and its child's end.
        let stubborn = shell("trap '' TERM; echo; while true; do sleep 0.05; done")
        let supervisor = Supervisor(plans: [stubborn], graceful: .milliseconds(300), tell: ear.hear)
        let running = Task { await supervisor.run() }
        let process = try #require(await ear.first { if case .started(_, let process) = $0 { process } else { nil } })
        running.cancel()
        await running.value
        #expect(kill(process, 0) != 0)
    }

    @Test(.timeLimit(.minutes(1))) func tellsOfAnExecutableThatIsMissing() async throws {
        let ear = Ear()
        let plan = ServicePlan(
            name: "ghost", executable: URL(filePath: "/nonexistent/ghost"), arguments: [], environment: [:])
        let supervisor = Supervisor(plans: [plan], tell: ear.hear)
        let running = Task { await supervisor.run() }
        let name = await ear.first { if case .unstartable(let name, _, _) = $0 { name } else { nil } }
        #expect(name == "ghost")
        running.cancel()
        await running.value
    }
}
