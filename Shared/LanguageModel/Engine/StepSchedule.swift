/// How many rows each running request reads in a step.
///
/// A row that is all a request has to read is read at once: so a running stream makes a row in every step. Longer pieces
/// are of prompts, and share `promptRows` between them, in equal parts, whoever came first. So no step has more than
/// `promptRows` rows beside one of every slot, however long the prompts are: that bounds how long a stream can wait. And
/// of `n` prompts each reads at least `promptRows / n` rows a step, so that a long one holds up no short one. While no
/// stream runs, nobody waits but who comes next, and prompts share `aloneRows`.
package struct StepSchedule {
    /// Rows of prompts in a step, at least 1.
    package let promptRows: Int
    /// The same in a step without a running stream.
    package let aloneRows: Int
    /// Whose turn it is to get what cannot be divided.
    private var turn = 0

    package init(promptRows: Int, aloneRows: Int) {
        self.promptRows = promptRows
        self.aloneRows = aloneRows
    }

    /// Fills `rows` for one step.
    ///
    /// - Parameters:
    ///   - unread: Rows that each request has to read; 0 for one that waits.
    ///   - rows: As long as `unread`.
    package mutating func plan(unread: some RandomAccessCollection<Int>, into rows: inout [Int]) {
        var prompts = 0
        for (index, count) in unread.enumerated() {
            rows[index] = count == 1 ? 1 : 0
            if count > 1 { prompts += 1 }
        }
        guard prompts > 0 else { return }
        // Round by round: everyone gets an equal part of what is left, or all that it has to read.
        var left = rows.contains(1) ? promptRows : aloneRows
        var hungry = prompts
        while left >= hungry, hungry > 0 {
            let part = left / hungry
            hungry = 0
            for (index, count) in unread.enumerated() where count > 1 && rows[index] < count {
                let more = min(part, count - rows[index])
                rows[index] += more
                left -= more
                if rows[index] < count { hungry += 1 }
            }
        }
        // Fewer rows than requests that want some: one each, from where the last step stopped.
        let count = rows.count
        for offset in 0..<count where left > 0 {
            let index = (turn + offset) % count
            let wanted = unread[unread.index(unread.startIndex, offsetBy: index)]
            guard wanted > 1, rows[index] < wanted else { continue }
            rows[index] += 1
            left -= 1
            if left == 0 { turn = (index + 1) % count }
        }
    }
}
