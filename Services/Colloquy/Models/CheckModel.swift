import ArgumentParser
import Checkpoint
import Foundation
import ServiceKit

/// `colloquy models check`
struct CheckModel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Hold a model's folder against what its configuration implies; reads every weight.",
        discussion: "Ends with 0 when the model can be loaded, with 65 when it cannot.")
    @Argument(help: "The folder of a checkpoint.")
    var path: String
    @Option(help: "The codec's folder, where it does not lie beside the model.")
    var codec: String?
    @Flag(help: "One JSON object, for machines.")
    var json = false

    func run() async throws {
        let findings = ModelDirectory.check(URL(filePath: path), codec: codec.map { URL(filePath: $0) })
        let errors = findings.filter { $0.severity == .error }.count
        if json {
            print(
                try JSONLine.text(Report(path: path, isUsable: errors == 0, findings: findings.map(Report.Line.init))))
        } else {
            for finding in findings {
                let place = finding.subject.map { "\(finding.file): \($0)" } ?? finding.file
                print("\(finding.severity.rawValue): \(place): \(finding.reason)")
                if let remedy = finding.remedy { print("       → \(remedy)") }
            }
            print(
                errors == 0
                    ? "\(path) can be loaded."
                    : "\(path) cannot be loaded: \(errors) \(errors == 1 ? "error" : "errors").")
        }
        if errors > 0 { throw ArgumentParser.ExitCode(ServiceKit.ExitCode.badData.rawValue) }
    }

    private struct Report: Encodable {
        struct Line: Encodable {
            let severity, file, reason: String
            let subject, remedy: String?

            init(_ finding: ModelFinding) {
                severity = finding.severity.rawValue
                file = finding.file
                subject = finding.subject
                reason = finding.reason
                remedy = finding.remedy
            }
        }
        let path: String
        let isUsable: Bool
        let findings: [Line]
    }
}
