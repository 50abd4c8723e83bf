internal import GRDB

/// What the machine has installed.
public enum DatabaseLibrary {
    /// Of SQLite, asked through a database in memory: `3.40.1`. nil when not even that can be opened.
    public static var version: String? {
        try? DatabaseQueue().read { try String.fetchOne($0, sql: "SELECT sqlite_version()") }
    }
}
