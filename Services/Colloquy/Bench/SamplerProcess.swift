import Benchmarking
import Foundation
import ServiceKit

/// A process that has loaded a model and takes a sample for every line that it is sent; as the one who asks has it. It says a
/// line when it is ready and one for every line that it gets, and ends when nobody can ask it any more.
struct SamplerProcess: Sendable {
    struct Command: Sendable {
        let executable: URL
        let arguments: [String]
        /// What is to be said when it ends too early.
        let ended: ServiceFailure

        /// `colloquy bench --answer`: ourselves.
        static func ownSampler(_ arguments: [String]) -> Command {
            Command(
                executable: URL(filePath: "/proc/self/exe").resolvingSymlinksInPath(), arguments: arguments,
                ended: ServiceFailure(
                    .software, "the measurement of our own side ended before it was done; its own words stand above"))
        }
    }

    /// The line that it said when it was ready.
    let ready: Data
    private let command: Command
    private let child: Process
    private let questions: FileHandle
    private let answers: FileHandle

    /// Runs the process as long as `body` runs.
    static func with<Result: Sendable>(
        _ command: Command, _ body: (SamplerProcess) async throws -> Result
    ) async throws -> Result {
        let child = Process()
        child.executableURL = command.executable
        child.arguments = command.arguments
        let questions = Pipe()
        let answers = Pipe()
        child.standardInput = questions
        child.standardOutput = answers
        do {
            try child.run()
        } catch {
            throw ServiceFailure(
                .noInput, "\(command.executable.path) cannot be run: \(error.localizedDescription)")
        }
        defer { if child.isRunning { child.terminate() } }
        return try await withTaskCancellationHandler {
            let ready = try await next(answers.fileHandleForReading, command)
            let result = try await body(
                SamplerProcess(
                    ready: ready, command: command, child: child, questions: questions.fileHandleForWriting,
                    answers: answers.fileHandleForReading))
            try? questions.fileHandleForWriting.close()
            try await BlockingWork.run { child.waitUntilExit() }
            return result
        } onCancel: {
            if child.isRunning { child.terminate() }
        }
    }

    /// Has one sample taken.
    ///
    /// - Returns: The line that it said to it.
    func answer(_ question: String) async throws -> Data {
        guard child.isRunning else { throw command.ended }
        do {
            try questions.write(contentsOf: Data("\(question)\n".utf8))
        } catch {
            throw command.ended
        }
        return try await Self.next(answers, command)
    }

    private static func next(_ handle: FileHandle, _ command: Command) async throws -> Data {
        let line = try await BlockingWork.run {
            var line = Data()
            while let byte = try handle.read(upToCount: 1), !byte.isEmpty {
                if byte.first == UInt8(ascii: "\n") { return line }
                line.append(byte)
            }
            throw command.ended
        }
        try Task.checkCancellation()
        return line
    }
}

extension Data {
    /// A line of our own sampler.
    func message<Message: Decodable>(_ type: Message.Type) throws -> Message {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(type, from: self)
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
