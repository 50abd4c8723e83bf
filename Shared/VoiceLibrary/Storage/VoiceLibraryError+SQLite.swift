import GRDB

extension VoiceLibraryError {
    /// What SQLite or GRDB threw, as one of ours. Values of statements stay out of it: they are private.
    init(_ error: any Error, path: String) {
        switch error {
        case let error as VoiceLibraryError: self = error
        case let error as DatabaseError: self = Self.map(error, path: path)
        case is CancellationError: self = .cancelled
        default: self = .damaged(path: path, reason: "a value of an unexpected type")
        }
    }

    private static func map(_ error: DatabaseError, path: String) -> VoiceLibraryError {
        let reason = "SQLite \(error.extendedResultCode.rawValue): \(error.message ?? "no message")"
        return switch error.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_SCHEMA, .SQLITE_FORMAT: .damaged(path: path, reason: reason)
        // Our statements are fixed: one that does not compile met another schema than ours.
        case .SQLITE_ERROR: .damaged(path: path, reason: reason)
        case .SQLITE_FULL: .diskFull(path: path)
        case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH, .SQLITE_IOERR:
            .inaccessible(path: path, reason: reason)
        case .SQLITE_BUSY, .SQLITE_LOCKED: .inUse(path: path, process: nil)
        case .SQLITE_INTERRUPT, .SQLITE_ABORT: .cancelled
        case .SQLITE_MISUSE: .closed(path: path)
        default: .storage(path: path, reason: reason)
        }
    }
}
