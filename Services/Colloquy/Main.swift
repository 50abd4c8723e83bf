import ArgumentParser
import Foundation
import ServiceKit

/// `colloquy`: the command for people.
@main
struct Colloquy: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "colloquy",
        abstract: "Turns a dialogue script and a few seconds of each voice into one conversation.",
        discussion: """
            Exit codes:
            \(ServiceKit.ExitCode.allCases.map { "  \($0.rawValue)  \($0.meaning)" }.joined(separator: "\n"))
            """,
        version: Software.version,
        subcommands: [
            Speak.self, Up.self, Status.self, Voices.self, Models.self, Doctor.self, Bench.self,
        ])

    static func main() async {
        signal(SIGPIPE, SIG_IGN)  // a reader that goes away makes a write fail, which is enough
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch is CancellationError {
            exit(withMessage: "stopped", code: ServiceKit.ExitCode.temporary.rawValue)
        } catch  where isOwn(error) {
            let failure = ServiceFailure(from: error)
            exit(withMessage: failure.message, code: failure.exitCode.rawValue)
        } catch {
            exit(withError: error)  // ArgumentParser's: usage, help, version
        }
    }

    /// Whether an error is of the product's own, and not of the argument parser's.
    private static func isOwn(_ error: any Error) -> Bool {
        !(error is CleanExit || error is ValidationError || error is ArgumentParser.ExitCode)
            && !String(reflecting: type(of: error)).hasPrefix("ArgumentParser.")
    }

    private static func exit(withMessage message: String, code: Int32) -> Never {
        StandardError.write("colloquy: \(message)\n")
        Foundation.exit(code)
    }
}
