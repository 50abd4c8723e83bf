public import Foundation
import GRDB

/// Voices, their prompts and the codes that codecs made of them, in one SQLite file.
///
/// Several processes of one machine may have a library open; in each, one `VoiceLibrary`. Reading goes on beside one
/// writer (WAL); writers wait for each other. What a method has returned from is on the disk: every write is synced
/// before it is acknowledged. Methods may be called from any task; each is one transaction, so it happens wholly or not
/// at all.
public final class VoiceLibrary: Sendable {
    public let path: String
    public let limits: LibraryLimits
    let now: @Sendable () -> Date
    private let pool: DatabasePool

    /// Opens a library, or begins one where there is no file.
    ///
    /// - Parameters:
    ///   - path: The database's file. `<path>-wal` and `<path>-shm` stand beside it while it is open.
    ///   - openWait: How long another process may take to open it.
    ///   - now: The clock that dates voices.
    /// - Throws: `inUse` when another process takes longer than that; `notALibrary`, `newerLibrary` or `damaged` for files that
    ///   must not be written, which are left as they are; `inaccessible`, `diskFull`.
    public init(
        path: String, limits: LibraryLimits = LibraryLimits(), openWait: Duration = .seconds(10),
        now: @escaping @Sendable () -> Date = { Date() }
    ) throws(VoiceLibraryError) {
        self.path = path
        self.limits = limits
        self.now = now
        try LibraryFile.makeFolder(of: path)
        let lock = try LibraryLock(database: path, wait: openWait)
        defer { lock.release() }
        try LibraryFile.prepare(path)
        do {
            pool = try Self.open(path)
        } catch {
            throw VoiceLibraryError(error, path: path)
        }
    }

    private static func open(_ path: String) throws -> DatabasePool {
        var configuration = Configuration()
        configuration.label = "VoiceLibrary"
        // Calls are short; a few at once keep every core of a small machine busy.
        configuration.maximumReaderCount = 4
        // Another process may be writing; its transactions are as short as ours.
        configuration.busyMode = .timeout(10)
        let pool = try DatabasePool(path: path, configuration: configuration)
        // GRDB sets NORMAL when it turns WAL on, which would acknowledge what a power cut can take back.
        try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        let migrator = Schema.migrator
        let unknown = try pool.read { database in
            // Damage is looked for where a search or a listing would meet it. Sound and codes are left out, so that
            // opening costs the same however much there is; their hashes and sizes are checked when they are read.
            for table in ["voice", "prompt_cast", "prompt_cast_member", "demo_speaker"]
            where try database.tableExists(table) {
                let found = try String.fetchAll(database, sql: "PRAGMA quick_check(\(table))")
                guard found == ["ok"] else {
                    throw VoiceLibraryError.damaged(path: path, reason: found.first ?? "quick_check said nothing")
                }
            }
            return try migrator.appliedIdentifiers(database).subtracting(Schema.migrations.map(\.name))
        }
        guard unknown.isEmpty else {
            throw VoiceLibraryError.newerLibrary(path: path, migrations: unknown.sorted())
        }
        try migrator.migrate(pool)
        let stored = try pool.read(Schema.definitions)
        guard try stored == Schema.expectedDefinitions() else {
            throw VoiceLibraryError.damaged(path: path, reason: "its tables are not those that this version makes")
        }
        return pool
    }

    /// Ends all work on the file; the last process to do so folds the log into it. Later calls throw `closed`.
    public func close() throws(VoiceLibraryError) {
        do {
            // Readers first: the connection that closes last removes the log, and a reader may not.
            pool.invalidateReadOnlyConnections()
            try pool.close()
        } catch {
            throw VoiceLibraryError(error, path: path)
        }
    }

    /// A read transaction: sees one state, whatever is written meanwhile.
    func read<Result: Sendable>(_ body: @escaping @Sendable (Database) throws -> Result)
        async throws(VoiceLibraryError) -> Result
    {
        do {
            return try await pool.read(body)
        } catch {
            throw VoiceLibraryError(error, path: path)
        }
    }

    /// A write transaction; on the disk when it returns, undone when `body` throws.
    func write<Result: Sendable>(_ body: @escaping @Sendable (Database) throws -> Result)
        async throws(VoiceLibraryError) -> Result
    {
        do {
            return try await pool.write(body)
        } catch {
            throw VoiceLibraryError(error, path: path)
        }
    }

    /// How SQLite syncs what is written; 2 is FULL. For the test that holds us to it.
    package func syncLevel() async throws(VoiceLibraryError) -> Int? {
        try await write { try Int.fetchOne($0, sql: "PRAGMA synchronous") }
    }

    /// RFC 3339, UTC.
    func timestamp() -> String { now().formatted(.iso8601) }
}
