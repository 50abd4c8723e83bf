public import Foundation

/// Where models lie on this machine: the embedded one, the configured one, and the folders of a collection.
public struct ModelPlaces: Sendable {
    /// A model that was found, or what is wrong with a place that was named.
    public enum Entry: Sendable {
        case model(InstalledModel)
        case unusable(path: String, reason: String)
    }

    /// Folders of a collection that are looked into; more are no collection of models.
    static let foldersMax = 1000

    public let entries: [Entry]

    /// - Parameters:
    ///   - configured: The model that the configuration names, if it names one.
    ///   - collection: Its folders that hold a model are listed, the others passed over; it need not exist.
    public init(configured: URL?, codec: URL?, collection: URL) {
        var entries = [Self.entry(model: nil, codec: nil)]
        if let configured { entries.append(Self.entry(model: configured, codec: codec)) }
        let seen = configured.map { $0.standardizedFileURL.path }
        for folder in Self.folders(of: collection) where folder.standardizedFileURL.path != seen {
            // A collection holds codecs and what else people keep there.
            if let model = try? InstalledModel(model: folder) { entries.append(.model(model)) }
        }
        self.entries = entries
    }

    private static func entry(model: URL?, codec: URL?) -> Entry {
        do {
            return .model(try InstalledModel(model: model, codec: codec))
        } catch {
            return .unusable(path: model?.path ?? "the embedded model", reason: "\(error)")
        }
    }

    private static func folders(of collection: URL) -> [URL] {
        let entries =
            (try? FileManager.default.contentsOfDirectory(
                at: collection.resolvingSymlinksInPath(), includingPropertiesForKeys: nil, options: .skipsHiddenFiles))
            ?? []
        return entries.sorted { $0.lastPathComponent < $1.lastPathComponent }.prefix(foldersMax).filter {
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: $0.path, isDirectory: &isFolder) && isFolder.boolValue
        }
    }
}
