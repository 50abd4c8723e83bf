public import Foundation
public import Testing

/// Where the material beside the repository lies: `COLLOQUY_SHARED`, by default `../shared` of the package.
public enum SharedFolder {
    public static let url: URL = {
        if let named = ProcessInfo.processInfo.environment["COLLOQUY_SHARED"] { return URL(filePath: named) }
        return packageRoot.deletingLastPathComponent().appending(path: "shared")
    }()

    /// The folder of `Package.swift`.
    public static let packageRoot = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
}

/// One folder of golden vectors: `case.json` with `tensors.safetensors` beside it (golden/README.md).
public struct GoldenCase: Sendable, CustomTestStringConvertible, CustomStringConvertible {
    /// Path below `golden/`, which is the case's name.
    public let name: String
    public let folder: URL
    public let facts: JSONValue

    public var description: String { name }
    public var testDescription: String { name }

    /// The tensors of the case, read anew; a case without the file has none.
    public func tensors() throws -> GoldenTensors {
        let file = folder.appending(path: "tensors.safetensors")
        return FileManager.default.fileExists(atPath: file.path) ? try GoldenTensors(file: file) : GoldenTensors()
    }

    /// A path of `case.json`, which is relative to the case's folder.
    public func resolve(_ path: String) -> URL { folder.appending(path: path).standardizedFileURL }

    /// Every case below `golden/<area>`, in the order of their names; found from the folder, never listed in code.
    ///
    /// An area without a case is a mistake of the caller or of the folder: the list then holds one case whose facts
    /// are null, so that the test that asked fails instead of passing over nothing.
    public static func all(below area: String, where wanted: (GoldenCase) -> Bool = { _ in true }) -> [GoldenCase] {
        let root = SharedFolder.url.appending(path: "golden").standardizedFileURL
        let start = root.appending(path: area)
        var found: [GoldenCase] = []
        for case let file as URL in FileManager.default.enumerator(at: start, includingPropertiesForKeys: nil)
            ?? .init()
        {
            guard file.lastPathComponent == "case.json" else { continue }
            let folder = file.deletingLastPathComponent().standardizedFileURL
            let name = String(folder.path.dropFirst(root.path.count + 1))
            let facts = (try? JSONValue(file: file)) ?? .null
            let found1 = GoldenCase(name: name, folder: folder, facts: facts)
            if wanted(found1) { found.append(found1) }
        }
        if found.isEmpty { found = [GoldenCase(name: "no case below golden/\(area)", folder: start, facts: .null)] }
        return found.sorted { $0.name < $1.name }
    }
}
