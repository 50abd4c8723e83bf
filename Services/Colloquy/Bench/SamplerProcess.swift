import Benchmarking
import Foundation
import ServiceKit

/// `colloquy bench --answer` as the one who asks has it: a process of our own that has loaded a model and takes a sample for
/// every kind that it is sent. It ends when nobody can ask it any more.
struct SamplerProcess: Sendable {
    let ready: ContestSampler.Ready
    private let child: Process
    private let questions: FileHandle
    private let answers: FileHandle

    /// Runs the process as long as `body` runs.
    static func with<Result: Sendable>(
        _ arguments: [String], _ body: (SamplerProcess) async throws -> Result
    ) async throws -> Result {
        let child = Process()
        child.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        child.arguments = arguments
        let questions = Pipe()
        let answers = Pipe()
        child.standardInput = questions
        child.standardOutput = answers
        try child.run()
        defer { if child.isRunning { child.terminate() } }
        return try await withTaskCancellationHandler {
            let ready: ContestSampler.Ready = try await next(answers.fileHandleForReading)
            let result = try await body(
                SamplerProcess(
                    ready: ready, child: child, questions: questions.fileHandleForWriting,
                    answers: answers.fileHandleForReading))
            try? questions.fileHandleForWriting.close()
            try await BlockingWork.run { child.waitUntilExit() }
            return result
        } onCancel: {
            if child.isRunning { child.terminate() }
        }
    }

    /// Has one sample taken.
    func answer(_ kind: ContestKind) async throws -> ContestSampler.Answer {
        guard child.isRunning else { throw Self.ended }
        try questions.write(contentsOf: Data("\(kind.rawValue)\n".utf8))
        return try await Self.next(answers)
    }

    private static func next<Message: Decodable & Sendable>(_ handle: FileHandle) async throws -> Message {
        let line = try await BlockingWork.run {
            var line = Data()
            while let byte = try handle.read(upToCount: 1), !byte.isEmpty {
                if byte.first == UInt8(ascii: "\n") { return line }
                line.append(byte)
            }
            throw ended
        }
        try Task.checkCancellation()
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Message.self, from: line)
    }

    private static var ended: ServiceFailure {
        ServiceFailure(
            .software, "the measurement of the language model ended before it was done; its own words stand above")
    }
}

extension ContestSampler {
    /// Answers the lines of standard input until there are no more.
    func serve() throws {
        try Self.say(ready)
        while let line = readLine() {
            guard let kind = ContestKind(rawValue: line) else {
                throw ServiceFailure(.usage, "\(line): no such kind of contest")
            }
            try Self.say(answer(kind))
        }
    }

    private static func say(_ message: some Encodable) throws {
        try FileHandle.standardOutput.write(contentsOf: Data((try JSONLine.text(message) + "\n").utf8))
    }
}
