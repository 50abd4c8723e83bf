/// Tasks for a `WorkerPool`, as a value that holds what they need: handing it to the threads allocates nothing.
public protocol PoolWork {
    /// Called once for each task, from several threads at once, for different tasks.
    func perform(_ task: Int)

    /// The same for a value that lies at `address`; what stands below is all there is to it.
    static func perform(_ task: Int, at address: UnsafeRawPointer)
}

extension PoolWork {
    @inlinable
    public static func perform(_ task: Int, at address: UnsafeRawPointer) {
        address.assumingMemoryBound(to: Self.self).pointee.perform(task)
    }
}

/// Work that is done row by row, in any order.
public protocol RowWork {
    func perform(rows: Range<Int>)
}

/// A few rows a task.
struct RowTasks<Work: RowWork>: PoolWork {
    static var rowsPerTask: Int { 4 }

    let work: Work
    let rows: Int

    func perform(_ task: Int) {
        let first = task * Self.rowsPerTask
        work.perform(rows: first..<min(first + Self.rowsPerTask, rows))
    }
}

/// A closure as work.
struct ClosureTasks: PoolWork {
    let body: (Int) -> Void

    func perform(_ task: Int) { body(task) }
}
