import Contracts
import Sessions
import TestSupport
import Testing

@Suite struct AdmissionTests {
    @Test func beginsAsManyAsItMayThenQueuesThenRefusesWithTheLimit() {
        var admission = Admission<Int>(runningMax: 2, waitingMax: 1)
        #expect(admission.ask(1) == .begin)
        #expect(admission.ask(2) == .begin)
        #expect(admission.ask(3) == .wait(place: 0))
        guard case .refuse(let error) = admission.ask(4) else {
            Issue.record("a fourth was taken")
            return
        }
        #expect(error.code == .overloaded)
        #expect(error.retryable)
        #expect(error.details == ["sessions_max": "2", "sessions_waiting_max": "1"])
        #expect(admission.leave(1) == 3)
        #expect(admission.ask(5) == .wait(place: 0), "the place in the queue is free again")
    }

    @Test func refusesAtOnceWithoutAQueue() {
        var admission = Admission<Int>(runningMax: 1, waitingMax: 0)
        #expect(admission.ask(1) == .begin)
        if case .refuse = admission.ask(2) {} else { Issue.record("a second was taken") }
        #expect(admission.leave(1) == nil)
        #expect(admission.ask(3) == .begin)
    }

    /// Who goes away while waiting frees its place and lets nobody begin.
    @Test func letsWaitingOnesGo() {
        var admission = Admission<Int>(runningMax: 1, waitingMax: 2)
        _ = admission.ask(1)
        _ = admission.ask(2)
        _ = admission.ask(3)
        #expect(admission.leave(2) == nil)
        #expect(admission.running == [1])
        #expect(admission.leave(1) == 3)
        #expect(admission.leave(9) == nil, "one that never asked")
    }

    @Test(arguments: 0..<100 as Range<UInt64>) func isFairAndBoundedInAnyOrder(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var admission = Admission<Int>(
            runningMax: .random(in: 1...4, using: &random), waitingMax: .random(in: 0...4, using: &random))
        var queue: [Int] = []
        for id in 0..<200 {
            switch admission.ask(id) {
            case .begin: #expect(queue.isEmpty, "nobody overtakes")
            case .wait(let place):
                #expect(place == queue.count)
                queue.append(id)
            case .refuse:
                #expect(admission.running.count == admission.runningMax && queue.count == admission.waitingMax)
            }
            if Bool.random(using: &random),
                let gone = (admission.running.sorted() + queue).randomElement(using: &random)
            {
                let next = admission.leave(gone)
                if let place = queue.firstIndex(of: gone) {
                    queue.remove(at: place)
                    #expect(next == nil)
                } else {
                    #expect(next == (queue.isEmpty ? nil : queue.removeFirst()))
                }
            }
            #expect(admission.waiting == queue)
            #expect(admission.running.count <= admission.runningMax && queue.count <= admission.waitingMax)
        }
    }
}
