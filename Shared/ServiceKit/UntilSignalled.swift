import UnixSignals

/// Runs work whose task is cancelled when the process is asked to stop (`StopSignals`), so that it can clean up.
///
/// - Throws: What the work throws; `CancellationError` when it was stopped.
public func untilSignalled<Result: Sendable>(
    _ work: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Result?.self) { group in
        let signals = await UnixSignalsSequence(trapping: StopSignals.trapped)
        group.addTask { try await work() }
        group.addTask {
            for await _ in signals { return nil }
            // Cancelled: the work is done.
            try await Task.sleep(for: .seconds(3600))
            return nil
        }
        let first = try await group.next() ?? nil
        group.cancelAll()
        if let first { return first }
        while let next = try await group.next() { if let result = next { return result } }
        throw CancellationError()
    }
}
