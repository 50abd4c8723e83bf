import Foundation
import Glibc
import TestSupport

/// The files of this repository, as the rules read them.
enum Repository {
    static let root = SharedFolder.packageRoot.standardizedFileURL

    /// Paths below the root: what git follows, and what is new and not ignored. A folder without git, such as an unpacked
    /// archive, is walked instead.
    static let files: [String] = {
        let listed = listedByGit("--cached --others --exclude-standard")
        return (listed.isEmpty ? walked() : listed)
            .filter { FileManager.default.fileExists(atPath: url($0).path) }.sorted()
    }()

    /// Paths that git follows; none without git.
    static let tracked: [String] = listedByGit("--cached")

    /// Text that people wrote: no weights, sounds and vocabularies.
    static let texts: [String] = files.filter { path in
        !path.hasPrefix("Shared/DemoVoice/Model/") && ![".wav", ".safetensors"].contains { path.hasSuffix($0) }
    }

    /// Swift of our own hand below any of `folders`.
    static func swift(below folders: String...) -> [String] {
        files.filter { path in
            path.hasSuffix(".swift") && !isGenerated(path) && folders.contains { path.hasPrefix($0 + "/") }
        }
    }

    static func isGenerated(_ path: String) -> Bool { path.contains("/Generated/") }

    static func url(_ path: String) -> URL { root.appending(path: path) }

    static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: url(path).path) }

    static func text(_ path: String) throws -> String { try String(contentsOf: url(path), encoding: .utf8) }

    static func lines(_ path: String) throws -> [Substring] {
        try text(path).split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// Whether the file has any of `words` as they stand: much cheaper than a pattern, which most files need not meet.
    static func mentions(_ words: [String], in path: String) throws -> Bool {
        let bytes = try Data(contentsOf: url(path), options: .alwaysMapped)
        return words.contains { bytes.range(of: Data($0.utf8)) != nil }
    }

    private static func listedByGit(_ which: String) -> [String] {
        let folder = root.path.replacing("'", with: "'\\''")
        guard let pipe = popen("git -c safe.directory='*' -C '\(folder)' ls-files -z \(which) 2>/dev/null", "r") else {
            return []
        }
        defer { pclose(pipe) }
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&buffer, 1, buffer.count, pipe), count > 0 { output += buffer[..<count] }
        return output.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    private static func walked() -> [String] {
        var found: [String] = []
        guard let walk = FileManager.default.enumerator(at: root, includingPropertiesForKeys: [.isRegularFileKey])
        else { return found }
        for case let file as URL in walk {
            if file.lastPathComponent.hasPrefix(".build") { walk.skipDescendants() }
            if (try? file.resourceValues(forKeys: [.isRegularFileKey]))?.isRegularFile == true {
                found.append(String(file.standardizedFileURL.path.dropFirst(root.path.count + 1)))
            }
        }
        return found
    }
}

/// A place where a rule is broken.
struct Finding: CustomStringConvertible {
    let path: String
    /// From 1; 0 for the file as a whole.
    let line: Int
    let what: String

    var description: String { line == 0 ? "\(path): \(what)" : "\(path):\(line): \(what)" }

    /// The lines of `paths` that `pattern` is found in.
    ///
    /// - Parameters:
    ///   - words: At least one of them stands in every line that is meant.
    ///   - codeOnly: Without comments and the insides of strings.
    static func matches(
        of pattern: String, mentioning words: [String], in paths: [String], codeOnly: Bool = false
    ) throws -> [Finding] {
        // To the default kind a dot within a word is no boundary: `struct GRDB.Row` would hide.
        let pattern = try Regex(pattern).wordBoundaryKind(.simple)
        return try paths.filter { try Repository.mentions(words, in: $0) }.flatMap { path in
            try Repository.lines(path).enumerated().compactMap { index, line in
                guard words.contains(where: line.contains) else { return nil }
                return (codeOnly ? code(line) : String(line)).contains(pattern)
                    ? Finding(path: path, line: index + 1, what: line.trimmingCharacters(in: .whitespaces)) : nil
            }
        }
    }

    /// A line of Swift without the insides of its strings and without its comment.
    private static func code(_ line: Substring) -> String {
        let bare = line.replacing(#/"(\\.|[^"\\])*"/#, with: "\"\"")
        return String(bare.firstRange(of: "//").map { bare[..<$0.lowerBound] } ?? bare)
    }
}

extension [Finding] {
    /// One line a finding, after what is to be done.
    func told(_ remedy: String) -> String { "\(remedy)\n" + map(\.description).joined(separator: "\n") }
}
