import Foundation
import ServiceKit

/// Folders of sockets, each of a suite that a command started for itself: named by user and process.
enum OwnFolders {
    private static let place = "/tmp"
    private static var prefix: String { "colloquy-\(getuid())-" }

    static var ofThisProcess: RuntimeFolder {
        RuntimeFolder(path: "\(place)/\(prefix)\(ProcessInfo.processInfo.processIdentifier)")
    }

    /// A command that was killed cannot remove its folder; the next one does.
    static func removeAbandoned() {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: place)) ?? [] where name.hasPrefix(prefix) {
            guard let process = Int32(name.dropFirst(prefix.count)), kill(process, 0) != 0, errno == ESRCH else {
                continue
            }
            try? FileManager.default.removeItem(atPath: "\(place)/\(name)")
        }
    }
}
