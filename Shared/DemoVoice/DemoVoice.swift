public import Foundation

/// The embedded model: where it lies, whom it can speak as, and what it says in a demonstration.
///
/// Its files are described in MODEL_CARD.md. They are in the published form, so whoever reads a downloaded checkpoint
/// reads this one; `model.folder` is what `--model` would name.
public struct DemoVoice: Equatable, Sendable {
    /// Holds `lm`, `codec`, `prompts` and `script.jsonl`.
    public let folder: URL

    /// The language model with its tokenizer.
    public var languageModel: URL { folder.appending(path: "lm") }
    public var codec: URL { folder.appending(path: "codec") }
    /// JSONL in the published form, one dialogue a line; its paths are relative to ``folder``.
    public var script: URL { folder.appending(path: "script.jsonl") }

    private var prompts: URL { folder.appending(path: "prompts") }
    private var promptList: URL { prompts.appending(path: "prompts.json") }

    /// Finds the model that came with this executable.
    ///
    /// - Throws: `DemoVoiceError.notFound`, which names every place that was looked at.
    public init(_ places: DemoVoicePlaces = DemoVoicePlaces()) throws(DemoVoiceError) {
        for candidate in places.candidates where Self.isFolder(candidate) {
            try self.init(folder: candidate)
            return
        }
        throw .notFound(places: places.candidates.map(\.path))
    }

    /// - Throws: `DemoVoiceError.incomplete`, which names what is missing.
    public init(folder: URL) throws(DemoVoiceError) {
        self.folder = folder
        for part in [languageModel, codec, promptList, script]
        where !FileManager.default.fileExists(atPath: part.path) {
            throw .incomplete(folder: folder.path, missing: part.path)
        }
    }

    /// The voices that the model knows, in the order of its list.
    ///
    /// - Throws: `DemoVoiceError.unreadable`.
    public func speakers() throws(DemoVoiceError) -> [DemoSpeaker] {
        struct Entry: Decodable {
            let voice: String
            let file: String
            let language: String
            let text: String
        }
        let entries: [Entry]
        do {
            let list = try BoundedFile.read(promptList, bytesMax: DemoSpeaker.listBytesMax)
            entries = try JSONDecoder().decode([Entry].self, from: Data(list))
        } catch let error as DemoVoiceError {
            throw error
        } catch {
            throw .unreadable(
                file: promptList.path, reason: "it is no list of voice, file, language and text (\(type(of: error)))")
        }
        var speakers: [DemoSpeaker] = []
        for entry in entries {
            // A list that came from elsewhere must not make us read other files.
            guard !entry.file.isEmpty, !entry.file.hasPrefix("."), !entry.file.contains("/") else {
                throw .unreadable(file: promptList.path, reason: "\"\(entry.file)\" is no file name in its folder")
            }
            speakers.append(
                DemoSpeaker(
                    name: entry.voice, file: prompts.appending(path: entry.file), language: entry.language,
                    transcript: entry.text))
        }
        return speakers
    }

    private static func isFolder(_ url: URL) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) && isFolder.boolValue
    }
}

/// A voice of the embedded model, with its prompt.
public struct DemoSpeaker: Equatable, Sendable {
    static let listBytesMax = 1 << 20
    static let audioBytesMax = 32 << 20

    public let name: String
    /// A sound file.
    public let file: URL
    /// BCP 47.
    public let language: String
    /// What the prompt says.
    public let transcript: String

    /// The sound file as it is.
    ///
    /// - Throws: `DemoVoiceError.unreadable`.
    public func audio() throws(DemoVoiceError) -> [UInt8] {
        try BoundedFile.read(file, bytesMax: Self.audioBytesMax)
    }
}

/// Reads a whole file, unless it is larger than anything that belongs here.
enum BoundedFile {
    static func read(_ url: URL, bytesMax: Int) throws(DemoVoiceError) -> [UInt8] {
        do {
            let handle = try FileHandle(forReadingFrom: url)
            defer { try? handle.close() }
            let data = try handle.read(upToCount: bytesMax + 1) ?? Data()
            guard data.count <= bytesMax else {
                throw DemoVoiceError.unreadable(file: url.path, reason: "it has more than \(bytesMax) bytes")
            }
            return [UInt8](data)
        } catch let error as DemoVoiceError {
            throw error
        } catch {
            throw .unreadable(file: url.path, reason: error.localizedDescription)
        }
    }
}
