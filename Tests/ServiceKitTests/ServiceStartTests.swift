import Contracts
import Foundation
import ServiceKit
import TestSupport
import Testing

@Suite struct ServiceStartTests {
    typealias Start = ServiceStart<SampleConfiguration>

    private func printed(_ arguments: [String], environment: [String: String] = [:]) throws -> String {
        let start = try Start(arguments: arguments, environment: environment, fileExists: { _ in false })
        guard case .print(let text) = start else {
            Issue.record("\(arguments) did not end with a text")
            return ""
        }
        return text
    }

    /// Help is made of the declarations, so that no key can be missing from it.
    @Test func helpNamesEveryKeyWithItsRangeAndEveryExitCode() throws {
        let help = try printed(["--help"])
        for key in ServiceSettings.keys + SampleConfiguration.keys {
            #expect(
                help.contains("\(key.flag)  \(key.reason)\n      allowed: \(key.allowed); default: \(key.defaultText)"))
        }
        for code in ExitCode.allCases { #expect(help.contains("\(code.rawValue)  \(code.meaning)")) }
    }

    @Test func checkPrintsEachValueAndItsSource() throws {
        let table = try printed(["--check", "--slots", "3"], environment: ["COLLOQUY_THREADS": "2"])
        #expect(table.contains(#/slots +3 +--slots/#))
        #expect(table.contains(#/threads +2 +COLLOQUY_THREADS/#))
        #expect(table.contains(#/windows_max +8 +default/#))
        #expect(table.contains(#/model +\(the embedded model\) +default/#))
    }

    @Test func checkRefusesWhatAStartWouldRefuse() {
        #expect(throws: ConfigurationError.self) { try printed(["--check", "--windows-max", "0"]) }
    }

    @Test func readsTheFileThatIsNamedAndElseTheUsualOne() throws {
        let scratch = try ScratchFolder()
        let folder = scratch.url.appending(path: "colloquy")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try "slots: 21".write(to: folder.appending(path: "colloquy.yaml"), atomically: true, encoding: .utf8)
        try "slots: 22".write(to: folder.appending(path: "other.yaml"), atomically: true, encoding: .utf8)
        let usual = ["XDG_CONFIG_HOME": scratch.url.path]
        let other = folder.appending(path: "other.yaml").path

        func slots(_ arguments: [String], _ environment: [String: String]) throws -> Int? {
            let start = try Start(
                arguments: arguments, environment: environment, fileExists: FileManager.default.fileExists(atPath:))
            if case .run(let settings, _, _) = start { return settings.slots }
            return nil
        }
        #expect(try slots([], usual) == 21)
        #expect(try slots(["--config", other], usual) == 22)
        #expect(try slots([], usual.merging(["COLLOQUY_CONFIG": other]) { $1 }) == 22)
        #expect(try slots(["--config=" + folder.path + "/colloquy.yaml"], ["COLLOQUY_CONFIG": other]) == 21)
        #expect(try slots([], ["XDG_CONFIG_HOME": scratch.url.path + "/elsewhere"]) == 4)
        #expect(throws: ConfigurationError.self) { try slots(["--config", other + ".none"], usual) }
    }

    @Test func keepsTheParentThatNamedItself() throws {
        let start = try Start(arguments: ["--exit-with-parent=4711"], environment: [:], fileExists: { _ in false })
        guard case .run(_, _, let flags) = start else { return #expect(Bool(false), "it does not run") }
        #expect(flags.exitsWithParent)
        #expect(flags.parentProcess == 4711)
    }

    /// Scripts and supervisors tell a bad command line from a bad file by the exit code.
    @Test func endsWithTheCodeThatFitsTheError() {
        struct Unforeseen: Error {}
        let flag = ConfigurationError(key: "slots", source: .flag("--slots"), allowed: "1")
        let variable = ConfigurationError(key: "slots", source: .environment(variable: "COLLOQUY_SLOTS"), allowed: "1")
        #expect(ServiceFailure(from: flag).exitCode == .usage)
        #expect(ServiceFailure(from: variable).exitCode == .configuration)
        #expect(ServiceFailure(from: CallError(.unavailable, "no codec")).exitCode == .unavailable)
        #expect(ServiceFailure(from: CallError(.malformed, "no model")).exitCode == .badData)
        #expect(ServiceFailure(from: Unforeseen()).exitCode == .software)
        #expect(ServiceFailure(from: ServiceFailure(.noInput, "no model")) == ServiceFailure(.noInput, "no model"))
    }
}

@Suite struct RuntimeFolderTests {
    private func mode(_ path: String) throws -> Int {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int ?? -1
    }

    @Test func isMadeForItsUserAlone() throws {
        let scratch = try ScratchFolder()
        let path = scratch.url.path + "/deep/colloquy"
        try RuntimeFolder(path: path).prepare()
        #expect(try mode(path) == 0o700)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        try RuntimeFolder(path: path).prepare()
        #expect(try mode(path) == 0o700, "one that stood open is closed")
    }

    /// In /tmp somebody else may have put a link where the folder is to be.
    @Test func isNeverALinkOrAFile() throws {
        let scratch = try ScratchFolder()
        let link = scratch.url.path + "/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: scratch.url.path)
        let file = scratch.url.path + "/file"
        try Data().write(to: URL(filePath: file))
        for path in [link, file] {
            #expect {
                try RuntimeFolder(path: path).prepare()
            } throws: {
                ($0 as? ServiceFailure)?.exitCode == .cannotCreate
            }
        }
    }
}
