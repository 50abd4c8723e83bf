import Foundation

/// The most memory that a process had in use at once.
public enum MemoryPeak {
    /// Of this process, in bytes; nil where the system does not tell.
    public static func ofThisProcess() -> Int? { read("self") }

    /// Of a process that runs, in bytes so far; nil where the system does not tell, and for one that has ended.
    public static func ofProcess(_ process: Int32) -> Int? { read("\(process)") }

    private static func read(_ process: String) -> Int? {
        (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)).flatMap(bytes(inStatus:))
    }

    /// Forgets what this process had in use before; where the system cannot, that still counts.
    static func startAgain() { try? Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs")) }

    /// `VmHWM` of a `/proc/PID/status`, in bytes.
    public static func bytes(inStatus text: String) -> Int? {
        for line in text.split(separator: "\n") where line.hasPrefix("VmHWM:") {
            let words = line.dropFirst("VmHWM:".count).split(whereSeparator: \.isWhitespace)
            guard words.count == 2, words[1] == "kB" else { return nil }
            return Int(words[0]).map { $0 * 1024 }
        }
        return nil
    }
}
