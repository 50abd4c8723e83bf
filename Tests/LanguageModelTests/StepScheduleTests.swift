import LanguageModel
import TestSupport
import Testing

/// How long a stream may have to wait for the prompts of others, in rows: time depends on the machine.
@Suite struct StepScheduleTests {
    private func plan(_ schedule: inout StepSchedule, _ unread: [Int]) -> [Int] {
        var rows = unread.map { _ in -1 }
        schedule.plan(unread: unread, into: &rows)
        return rows
    }

    @Test func aRunningStreamMakesARowInEveryStep() {
        var schedule = StepSchedule(promptRows: 8, aloneRows: 8)
        #expect(plan(&schedule, [1, 10_000, 1, 1]) == [1, 8, 1, 1])
        #expect(plan(&schedule, [1, 0]) == [1, 0])
        #expect(plan(&schedule, []) == [])
    }

    @Test func promptsShareAStepInEqualParts() {
        var schedule = StepSchedule(promptRows: 64, aloneRows: 64)
        #expect(plan(&schedule, [1000, 1000]) == [32, 32])
        // What cannot be divided goes to one after the other.
        #expect(plan(&schedule, [1000, 5, 1000]) == [30, 5, 29])
        #expect(plan(&schedule, [1000, 5, 1000]) == [29, 5, 30])
        #expect(plan(&schedule, [40]) == [40])
        #expect(plan(&schedule, [2, 3]) == [2, 3])
    }

    @Test func promptsReadMoreWhileNoStreamWaits() {
        var schedule = StepSchedule(promptRows: 8, aloneRows: 32)
        #expect(plan(&schedule, [100, 0, 100]) == [16, 0, 16])
        #expect(plan(&schedule, [100, 1, 100]) == [4, 1, 4])
    }

    @Test func noPromptIsForgottenWhenTheyAreMoreThanTheRows() {
        var schedule = StepSchedule(promptRows: 2, aloneRows: 2)
        var unread = Array(repeating: 50, count: 5)
        for _ in 0..<5 {
            for (index, count) in plan(&schedule, unread).enumerated() { unread[index] -= count }
        }
        #expect(unread == Array(repeating: 48, count: 5))
    }

    /// The bound of Docs/Operations.md, over random mixes.
    @Test func noStepHasMoreRowsThanItsBound() {
        var random = SeededRandom(seed: 17)
        for _ in 0..<2000 {
            let promptRows = Int.random(in: 1...100, using: &random)
            let aloneRows = promptRows * Int.random(in: 1...4, using: &random)
            var schedule = StepSchedule(promptRows: promptRows, aloneRows: aloneRows)
            var unread = (0..<Int.random(in: 1...20, using: &random)).map { _ in
                Int.random(in: 0...3, using: &random) == 0 ? 1 : Int.random(in: 0...300, using: &random)
            }
            for _ in 0..<10 {
                let rows = plan(&schedule, unread)
                let prompts = unread.indices.filter { unread[$0] > 1 }
                #expect(zip(rows, unread).allSatisfy { $0 >= 0 && $0 <= $1 })
                #expect(unread.indices.allSatisfy { unread[$0] != 1 || rows[$0] == 1 })
                let shared = unread.contains(1) ? promptRows : aloneRows
                let ofPrompts = prompts.reduce(0) { $0 + rows[$1] }
                #expect(ofPrompts == min(shared, prompts.reduce(0) { $0 + unread[$1] }), "\(unread)")
                for prompt in prompts {
                    #expect(rows[prompt] >= min(unread[prompt], shared / prompts.count), "\(unread): \(rows)")
                }
                for index in unread.indices { unread[index] -= rows[index] }
            }
        }
    }
}
