import ArgumentParser
import Audio
import Checkpoint
import Compute
import Contracts
import Diagnosis
import Foundation
import LanguageModel
import ModelLoading
import ServiceKit
import VoiceLibrary
import Wire

/// `colloquy doctor`
struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say what is installed, what is missing, and the command that mends it.",
        discussion: "Ends with 0 when a dialogue could be spoken, with 69 when not.")
    @OptionGroup var suite: SuiteOptions
    @Flag(help: "One JSON object, for machines.")
    var json = false

    func run() async throws {
        let settings = try suite.settings
        var diagnosis = Diagnosis()
        Self.addLibraries(to: &diagnosis)
        for name in ["colloquy"] + SuitePlans.services.map({ "colloquy-\($0)" }) {
            let executable = try? SuitePlans.executable(name)
            diagnosis.add(
                .executable(
                    name, in: Self.ownFolder.path, isThere: executable != nil))
        }
        diagnosis.add(
            Processor(cpuinfo: Self.text("/proc/cpuinfo")).finding(
                instructionSet: InstructionSet.chosen.rawValue, count: WorkerPool.allowedCPUs))
        let needed = Self.addModel(settings, to: &diagnosis)
        if let memory = Memory(meminfo: Self.text("/proc/meminfo")) {
            diagnosis.add(memory.finding(needed: needed))
        }
        diagnosis.add(
            Folder(lookingAt: settings.runtimeDirectory.path, followsLinks: false).asRuntimeFolder(user: getuid()))
        diagnosis.add(Folder(lookingAt: settings.dataDirectory.path, followsLinks: true).asDataFolder())
        diagnosis.add(await gateway(settings))

        if json {
            struct Report: Encodable {
                let software: String
                let canSpeak: Bool
                let findings: [Finding]
            }
            print(
                try JSONLine.text(
                    Report(software: Software.version, canSpeak: diagnosis.canSpeak, findings: diagnosis.findings)))
        } else {
            print(diagnosis.text)
        }
        if !diagnosis.canSpeak { throw ArgumentParser.ExitCode(ServiceKit.ExitCode.unavailable.rawValue) }
    }

    private static func addLibraries(to diagnosis: inout Diagnosis) {
        diagnosis.add(Library.messaging.finding(version: MessagingLibrary.version))
        diagnosis.add(Library.soundFiles.finding(version: SoundFileLibrary.version))
        diagnosis.add(Library.algebra.finding(version: BLASLibrary.version))
        diagnosis.add(Library.database.finding(version: DatabaseLibrary.version))
        diagnosis.add(Library.hashing.finding(version: HashingLibrary.version))
    }

    /// - Returns: Bytes that a suite with this model takes while it speaks one dialogue.
    private static func addModel(_ settings: ServiceSettings, to diagnosis: inout Diagnosis) -> Int? {
        do {
            let summary = try ModelSummary(InstalledModel(settings: settings))
            let precision = summary.precision(settings.precision)
            diagnosis.add(
                Finding(
                    "model", .good,
                    "\(summary.name), \(summary.flavor.rawValue), weights \(precision.rawValue), in \(summary.path)"))
            // The buffers of both, and the two processes without a model, are small beside a model of real size.
            return summary.generatorBytes(rows: summary.rowsOfAMinute, precision: precision) + summary.codecBytes
                + 400_000_000
        } catch {
            let remedy =
                settings.model.map { "colloquy models check '\($0.path)'" } ?? "make build (it puts the model beside)"
            diagnosis.add(Finding("model", .fault, "\(error)", remedy: remedy))
            return nil
        }
    }

    private func gateway(_ settings: ServiceSettings) async -> Finding {
        let endpoint = settings.gateways[0]
        do {
            let client = try await WireClient(
                endpoint: WireEndpoint(endpoint), software: Software.version, timings: settings.timings,
                connectWait: .milliseconds(700), logger: Suite.logger)
            do {
                let status = try await client.ask(
                    Methods.status, StatusRequest(), options: CallOptions(budget: .seconds(2)))
                await client.close()
                return .gateway(endpoint, workers: status.workers.map(\.service).sorted(), missing: status.missing)
            } catch {
                await client.close()
                throw error
            }
        } catch {
            return .gateway(endpoint, silence: ServiceFailure(from: error).message, isNamed: suite.gateway != nil)
        }
    }

    private static var ownFolder: URL {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(filePath: own).deletingLastPathComponent()
    }

    private static func text(_ path: String) -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
}
