public import Foundation

/// Where the embedded model may lie.
///
/// SwiftPM's `Bundle.module` is not used: it ends the process where the folder is missing, and falls back to the path of
/// the machine that built it.
public struct DemoVoicePlaces: Equatable, Sendable {
    /// Names another folder of the same form, which then is the only place.
    public static let variable = "COLLOQUY_DEMO_MODEL"
    /// As SwiftPM calls the folder of a target's resources.
    static let resources = "colloquy_DemoVoice.resources/Model"

    /// In the order in which they are looked at.
    public let candidates: [URL]

    /// - Parameters:
    ///   - folders: Where executables lie.
    ///   - environment: May name a folder; who names one means it.
    public init(
        folders: [URL] = Self.runningFolders(), environment: [String: String] = ProcessInfo.processInfo.environment
    ) {
        if let named = environment[Self.variable], !named.isEmpty {
            candidates = [URL(filePath: named)]
            return
        }
        var candidates: [URL] = []
        for folder in folders {
            // Beside the executable as it is built, and where an installed one (`bin/`) keeps what it reads.
            let installed = folder.deletingLastPathComponent().appending(path: "share/colloquy")
            for place in [folder, installed].map({ $0.appending(path: Self.resources) })
            where !candidates.contains(place) {
                candidates.append(place)
            }
        }
        self.candidates = candidates
    }

    /// The folder of the executable, links followed. On Linux a test bundle is one itself.
    public static func runningFolders() -> [URL] {
        guard let executable = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else {
            return [URL(filePath: CommandLine.arguments.first ?? "").deletingLastPathComponent()]
        }
        return [URL(filePath: executable).resolvingSymlinksInPath().deletingLastPathComponent()]
    }
}
