import Contracts
import Gateway
import Testing

@Suite struct AdmissionDeskTests {
    /// Who stops while it waits frees its place, and what runs is not touched.
    @Test func letsAWaitingDialogueGoWhenItsTaskIsCancelled() async throws {
        let desk = AdmissionDesk(runningMax: 1, waitingMax: 1)
        let gate = Gate()
        let first = Task { try await desk.admit { try await gate.pass() } }
        await gate.waitForArrival()
        let second = Task { try await desk.admit { "begun" } }
        while await desk.waitingCount == 0 { await Task.yield() }
        second.cancel()
        await #expect {
            try await second.value
        } throws: {
            ($0 as? CallError)?.code == .cancelled
        }
        #expect(await desk.waitingCount == 0)
        #expect(await desk.runningCount == 1)
        gate.open(times: 1)
        try await first.value
        #expect(await desk.runningCount == 0)
    }

    /// A dialogue that fails leaves its place to the next.
    @Test func givesThePlaceOnAfterAFailure() async throws {
        struct Failure: Error {}
        let desk = AdmissionDesk(runningMax: 1, waitingMax: 1)
        let gate = Gate()
        let first = Task {
            try await desk.admit {
                try await gate.pass()
                throw Failure()
            }
        }
        await gate.waitForArrival()
        let second = Task { try await desk.admit { "begun" } }
        while await desk.waitingCount == 0 { await Task.yield() }
        gate.open(times: 1)
        await #expect(throws: Failure.self) { try await first.value }
        #expect(try await second.value == "begun")
    }
}
