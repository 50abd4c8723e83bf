import Benchmarking
import Foundation
import ServiceKit

/// A program that is run to its end for what it writes.
struct ChildProcess {
    struct Outcome: Sendable {
        let output: Data
        /// What it wrote to its standard error, where that was kept.
        let complaints: String
        /// Nil for one that a signal ended.
        let status: Int32?
        /// As it was last seen, in bytes; nil for one that ended before it was looked at.
        let peakMemoryBytes: Int?
    }

    let executable: URL
    let arguments: [String]
    /// Whether its standard error is kept, or goes where ours goes.
    var keepsComplaints = false

    /// - Throws: `ServiceFailure` when it cannot be started, `CancellationError` when it was stopped with the task.
    func run() async throws -> Outcome {
        let child = Process()
        child.executableURL = executable
        child.arguments = arguments
        let output = Pipe()
        let complaints = Pipe()
        child.standardInput = FileHandle.nullDevice
        child.standardOutput = output
        if keepsComplaints { child.standardError = complaints }
        do {
            try child.run()
        } catch {
            throw ServiceFailure(
                .noInput,
                "\(executable.path) cannot be run: \(error.localizedDescription); is it built for this machine?")
        }
        return try await withTaskCancellationHandler {
            // All three at once: a program whose pipe nobody reads stands still.
            async let text = BlockingWork.run { try output.fileHandleForReading.readToEnd() ?? Data() }
            async let words = BlockingWork.run { [keepsComplaints] in
                keepsComplaints ? try complaints.fileHandleForReading.readToEnd() ?? Data() : Data()
            }
            async let peak = BlockingWork.run { Self.watch(child) }
            let (outputData, complaintData, peakMemoryBytes) = try await (text, words, peak)
            try Task.checkCancellation()
            return Outcome(
                output: outputData, complaints: String(decoding: complaintData, as: UTF8.self),
                status: child.terminationReason == .exit ? child.terminationStatus : nil,
                peakMemoryBytes: peakMemoryBytes)
        } onCancel: {
            if child.isRunning { child.terminate() }
        }
    }

    /// Looks at its memory until it has ended; the system forgets the peak with the process.
    private static func watch(_ child: Process) -> Int? {
        var peak: Int?
        while child.isRunning {
            peak = MemoryPeak.ofProcess(child.processIdentifier) ?? peak
            Thread.sleep(forTimeInterval: 0.02)
        }
        child.waitUntilExit()
        return peak
    }
}
