import Contracts
import Foundation
import Subprocess
import TestSupport
import Testing
import Wire

/// What users see when processes die.
@Suite struct FaultTests {
    private static let speakers = [
        SpeakerSource(number: 1, source: .voice("anna")), SpeakerSource(number: 2, source: .voice("david")),
    ]

    @Test(arguments: ["voices", "codec", "generator"])
    func aWorkerThatIsKilledEndsItsDialogueWithAClearErrorAndIsReplaced(service: String) async throws {
        try await RunningSuite.with { suite in
            let status = try await suite.status { $0.missing.isEmpty }
            let process = try #require(status.process(of: service))
            kill(process, SIGSTOP)  // it holds whatever reaches it, so the dialogue is surely in its hands
            let client = try await suite.client()
            let call = await client.call(
                Methods.speak, SpeakRequest(script: SpeakTests.script, speakers: Self.speakers),
                options: CallOptions(budget: .seconds(300)))
            // Only what has reached the worker is lost with it; before, another may take it.
            _ = try await suite.status { $0.workers.first { $0.service == service }.map { $0.running > 0 } ?? true }
            kill(process, SIGKILL)
            let error = await #expect(throws: CallError.self) { _ = try await call.response() }
            #expect(error?.code == .unavailable)
            #expect(error?.retryable == true)
            #expect(error?.message.contains(service) == true, "\(String(describing: error))")

            let mended = try await suite.status { $0.missing.isEmpty && $0.process(of: service) != process }
            #expect(mended.process(of: service) != process)
            let spoken = try await suite.home.colloquy(
                "speak", "--json", "-o", suite.home.path("after.wav"), SpeakTests.script)
            #expect(spoken.isSuccess, "\(spoken.errors)")
            await client.close()
        }
    }

    @Test func aGatewayThatIsKilledEndsItsCallsAndIsReplacedAndTheWorkersComeBack() async throws {
        try await RunningSuite.with { suite in
            let status = try await suite.status { $0.missing.isEmpty }
            let codec = try #require(status.process(of: "codec"))
            let gateway = try #require(status.process(of: "gateway"))
            kill(codec, SIGSTOP)  // so that the call is still under way when the gateway dies
            let client = try await suite.client()
            let call = await client.call(
                Methods.speak, SpeakRequest(script: SpeakTests.script, speakers: Self.speakers),
                options: CallOptions(budget: .seconds(300)))
            kill(gateway, SIGKILL)
            let error = await #expect(throws: CallError.self) { _ = try await call.response() }
            #expect(error?.code == .unavailable)
            kill(codec, SIGCONT)
            let mended = try await suite.status { $0.missing.isEmpty && $0.process(of: "gateway") != gateway }
            #expect(mended.process(of: "codec") == codec)
            await client.close()
        }
    }

    @Test func ctrlCLeavesNoProcessAndNoSocket() async throws {
        let home = try Home()
        var processes: [Int32] = []
        let seen = Seen()
        let end = try await RunningSuite.with(home: home) { suite in
            let status = try await suite.status { $0.missing.isEmpty }
            #expect(status.workers.count == 3)
            await seen.add(
                [suite.process, Int32(clamping: status.process)] + status.workers.map { Int32(clamping: $0.process) })
        }
        processes = await seen.processes
        #expect(Set(processes).count == 5)
        #expect(end == .exited(0))
        for process in processes { #expect(!isRunning(process)) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: home.path("run")) == [])
    }

    @Test func theServicesEndWhenTheirSupervisorIsKilled() async throws {
        let seen = Seen()
        try await RunningSuite.with { suite in
            let status = try await suite.status { $0.missing.isEmpty }
            await seen.add([Int32(clamping: status.process)] + status.workers.map { Int32(clamping: $0.process) })
            kill(suite.process, SIGKILL)
        }
        let processes = await seen.processes
        #expect(processes.count == 4)
        let areGone = try await eventually { !processes.contains(where: isRunning) }
        #expect(areGone)
    }

    /// `colloquy up 2>&1 | head -1`
    @Test func theSuiteOutlivesTheReaderOfItsWords() async throws {
        let home = try Home()
        let script = """
            \(Command.binFolder.path)/colloquy up 2>&1 & echo $! >'\(home.path("pid"))'; wait $!; echo $? >'\(home.path("end"))'
            """
        let piped = Command("/bin/bash", ["-c", "( \(script) ) | head -1"], home.environment)
        async let outcome = piped.run()
        let suite = RunningSuite(home: home, process: 0)
        let status = try await suite.status { $0.missing.isEmpty }
        kill(try #require(status.process(of: "codec")), SIGKILL)  // which `up` has something to say about
        _ = try await suite.status { $0.missing.isEmpty && $0.process(of: "codec") != status.process(of: "codec") }
        let process = try #require(
            Int32(
                try String(contentsOfFile: home.path("pid"), encoding: .utf8).trimmingCharacters(
                    in: .whitespacesAndNewlines)))
        kill(process, SIGHUP)  // as the end of a terminal does
        _ = try await outcome
        #expect(try String(contentsOfFile: home.path("end"), encoding: .utf8) == "0\n")
        #expect(try FileManager.default.contentsOfDirectory(atPath: home.path("run")) == [])
    }

    /// What a suite's body has seen, for after its end.
    private actor Seen {
        var processes: [Int32] = []
        func add(_ more: [Int32]) { processes += more }
    }
}
