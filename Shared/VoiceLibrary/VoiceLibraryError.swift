/// Why the library refused or failed: what, where, and how to mend it. Never a transcript, never sound.
public enum VoiceLibraryError: Error, Equatable, Sendable {
    // What was asked for

    /// A field of a voice holds what is not allowed.
    case invalid(field: String, reason: String)
    /// Another voice has this name; letter case does not distinguish names.
    case nameTaken(name: String)
    /// Neither an id nor a name of a voice.
    case notFound(voice: String)
    /// The cast was never asked for, or has been dropped since, or one of its voices is gone.
    case unknownCast(key: String)
    case tooLarge(field: String, count: Int, limit: Int)
    /// The library holds as many voices as it may.
    case full(limit: Int)
    /// The prompt cannot be used as one; the reason says how to record a better one.
    case unsuitablePrompt(reason: String)

    // The file

    /// Another process keeps the library from being opened or written.
    case inUse(path: String, process: Int?)
    /// The file is not a voice library; it was left as it is.
    case notALibrary(path: String, reason: String)
    /// A newer version wrote the file; it was left as it is.
    case newerLibrary(path: String, migrations: [String])
    /// The file is a voice library with damage in it; nothing was removed from it.
    case damaged(path: String, reason: String)
    case inaccessible(path: String, reason: String)
    case diskFull(path: String)
    /// SQLite failed in a way that has no case of its own.
    case storage(path: String, reason: String)
    case closed(path: String)
    /// The task that asked was cancelled; nothing was written.
    case cancelled
}

extension VoiceLibraryError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalid(let field, let reason):
            "\(field): \(reason)"
        case .nameTaken(let name):
            "a voice named \"\(name)\" exists already (letter case does not distinguish names); take another name, "
                + "replace the voice or remove it first"
        case .notFound(let voice):
            "no voice has the name or id \"\(voice)\"; `colloquy voices list` shows those that exist"
        case .unknownCast(let key):
            "key \(key): no such cast of voices is known any more; ask for its prompts again and store with the new key"
        case .tooLarge(let field, let count, let limit):
            "\(field): \(count) is over the limit of \(limit)"
        case .full(let limit):
            "the library holds its \(limit) voices; remove some, or start a second library with another --database"
        case .unsuitablePrompt(let reason):
            "the prompt cannot be used: \(reason)"
        case .inUse(let path, let process):
            "\(path) is held by another process\(process.map { " (\($0))" } ?? ""); try again, or stop that process"
        case .notALibrary(let path, let reason):
            "\(path) is no voice library (\(reason)) and was left as it is; give another --database, or move the file "
                + "away to begin a new library"
        case .newerLibrary(let path, let migrations):
            "\(path) was written by a newer version (unknown: \(migrations.joined(separator: ", "))) and was left as "
                + "it is; install that version, or give another --database"
        case .damaged(let path, let reason):
            "\(path) is damaged (\(reason)); nothing was removed from it. Stop the service and put a backup in its "
                + "place, or save what can be read with: sqlite3 '\(path)' .recover | sqlite3 recovered.sqlite"
        case .inaccessible(let path, let reason):
            "\(path) cannot be opened or written (\(reason)); check that it exists, its owner, its permissions and the disk"
        case .diskFull(let path):
            "\(path): the disk is full and nothing was written; make room and try again"
        case .storage(let path, let reason):
            "\(path): SQLite failed (\(reason))"
        case .closed(let path):
            "\(path) has been closed"
        case .cancelled:
            "cancelled before anything was written"
        }
    }
}
