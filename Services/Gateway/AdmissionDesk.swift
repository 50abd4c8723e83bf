import Contracts
import Sessions

/// Where dialogues wait to begin: `Admission`, with a door for each that waits.
package actor AdmissionDesk {
    private var admission: Admission<Int>
    private var doors: [Int: CheckedContinuation<Bool, Never>] = [:]
    private var lastID = 0

    package init(runningMax: Int, waitingMax: Int) {
        admission = Admission(runningMax: runningMax, waitingMax: waitingMax)
    }

    package var runningCount: Int { admission.running.count }
    package var waitingCount: Int { admission.waiting.count }

    /// Runs a dialogue when it may begin, and lets the next one begin after it.
    ///
    /// - Throws: `overloaded` when there is no place; `cancelled` when the task was cancelled while it waited.
    package nonisolated func admit<Result: Sendable>(
        _ dialogue: @Sendable () async throws -> Result
    ) async throws -> Result {
        let id = try await enter()
        do {
            let result = try await dialogue()
            await leave(id)
            return result
        } catch {
            await leave(id)
            throw error
        }
    }

    private func enter() async throws(CallError) -> Int {
        lastID += 1
        let id = lastID
        switch admission.ask(id) {
        case .begin: return id
        case .refuse(let error): throw error
        case .wait:
            // No other job of this actor runs between asking and waiting, so that a cancellation finds the door.
            let begins = await withTaskCancellationHandler {
                await withCheckedContinuation { doors[id] = $0 }
            } onCancel: {
                Task { await self.abandon(id) }
            }
            guard begins else { throw CallError(.cancelled, "the caller stopped it while it waited") }
            return id
        }
    }

    private func abandon(_ id: Int) {
        // One that begins already is past its door: the dialogue itself hears of the cancellation.
        guard let door = doors.removeValue(forKey: id) else { return }
        _ = admission.leave(id)
        door.resume(returning: false)
    }

    private func leave(_ id: Int) {
        guard let next = admission.leave(id) else { return }
        doors.removeValue(forKey: next)?.resume(returning: true)
    }
}
