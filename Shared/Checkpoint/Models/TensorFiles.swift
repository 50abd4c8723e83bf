import Foundation

/// Opens weights by what their file is: an index of shards, one safetensors file, or a PyTorch archive.
enum TensorFiles {
    static func open(_ file: URL) throws(CheckpointError) -> any TensorSource {
        if file.lastPathComponent.hasSuffix(".index.json") { return try ShardedSafetensors(index: file) }
        if file.pathExtension == "safetensors" { return try SafetensorsFile(file) }
        return try TorchArchive(file)
    }

    /// The file itself; of an index, its shards too.
    static func all(of file: URL) throws(CheckpointError) -> [URL] {
        guard let shards = try open(file) as? ShardedSafetensors else { return [file] }
        return [file] + shards.files
    }
}

/// What stands in one folder, read once; names sorted, so that which file is found does not depend on the file system.
struct FolderListing {
    let folder: URL
    let files: [String]
    let folders: [String]

    /// A model's folder has a few dozen entries; one with more is a mistake worth a message, not a long search.
    static let entriesMax = 10_000

    init(_ folder: URL) throws(CheckpointError) {
        self.folder = folder
        let path = folder.path
        let entries: [URL]
        do {
            entries = try FileManager.default.contentsOfDirectory(
                at: folder.resolvingSymlinksInPath(), includingPropertiesForKeys: [.isDirectoryKey],
                options: .skipsHiddenFiles)
        } catch {
            throw CheckpointError(.unreadable, file: path, "this folder is not there or cannot be read")
        }
        guard entries.count <= Self.entriesMax else {
            throw CheckpointError(.tooLarge, file: path, "has \(entries.count) entries; that is no model's folder")
        }
        var files: [String] = []
        var folders: [String] = []
        for entry in entries {
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: entry.path, isDirectory: &isFolder) else { continue }
            if isFolder.boolValue {
                folders.append(entry.lastPathComponent)
            } else {
                files.append(entry.lastPathComponent)
            }
        }
        self.files = files.sorted()
        self.folders = folders.sorted()
    }

    /// The file, when it is there.
    func file(_ name: String) -> URL? { files.contains(name) ? folder.appending(path: name) : nil }

    func subfolder(_ name: String) -> URL { folder.appending(path: name) }
}
