import Contracts
import Sessions
import Testing
import Tokens

/// Workers and clients answer in any order. Each seed is one order; a failure names it.
@Suite struct SpeakSessionInterleavingTests {
    @Test(arguments: 0..<300 as Range<UInt64>) func deliversEverythingInOrderWhoeverIsFirst(seed: UInt64) throws {
        var dialogue = try SimulatedDialogue(seed: seed)
        var steps = 0
        while !dialogue.isOver {
            guard dialogue.step(mishap: 0), steps < 10_000 else {
                Issue.record("seed \(seed): nobody moves after \(steps) steps")
                return
            }
            steps += 1
        }
        dialogue.tellLate()
        #expect(dialogue.faults == [])
        #expect(dialogue.terminals.count == 1)
        guard case .complete(let response) = dialogue.terminals[0] else {
            Issue.record("seed \(seed): \(dialogue.terminals)")
            return
        }
        #expect(dialogue.allWasDelivered)
        #expect(response.samples == dialogue.heard.count)
        #expect(response.frames == dialogue.sentCodes.frames)
        #expect(dialogue.started.subtracting(dialogue.released) == [], "children still run")
    }

    @Test(arguments: 0..<600 as Range<UInt64>) func endsOnceAndReleasesEveryChildWhateverFails(seed: UInt64) throws {
        var dialogue = try SimulatedDialogue(seed: seed)
        var steps = 0
        while !dialogue.isOver, steps < 10_000 {
            guard dialogue.step(mishap: 0.03) else { break }
            steps += 1
        }
        dialogue.tellLate()
        #expect(dialogue.faults == [])
        #expect(dialogue.terminals.count == 1)
        #expect(dialogue.deliveredInOrder)
        #expect(dialogue.started.subtracting(dialogue.released) == [], "children still run")
        if case .complete = dialogue.terminals.first { #expect(dialogue.allWasDelivered) }
    }
}
