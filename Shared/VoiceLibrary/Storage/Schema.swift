import GRDB

/// The tables, migration by migration. One that was ever released is never edited: a change is a new one at the end.
enum Schema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        for migration in migrations {
            migrator.registerMigration(migration.name) { try $0.execute(sql: migration.sql) }
        }
        return migrator
    }

    static let migrations: [(name: String, sql: String)] = [("001-voices-and-casts", voicesAndCasts)]

    /// Every table, index, view and trigger as it was defined. What a file of another schema holds cannot be trusted:
    /// its columns may lack the types and checks that reading relies on.
    static func definitions(_ database: Database) throws -> Set<String> {
        try String.fetchSet(
            database, sql: "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'")
    }

    /// What the migrations make of an empty database.
    static func expectedDefinitions() throws -> Set<String> {
        let empty = try DatabaseQueue()
        try migrator.migrate(empty)
        return try empty.read(definitions)
    }

    /// Sound is kept once, under its hash, with its facts. Codes belong to sound, or to a cast of sounds, and go with it.
    private static let voicesAndCasts = """
        PRAGMA application_id = \(LibraryFile.applicationID);

        CREATE TABLE audio (
            hash TEXT NOT NULL PRIMARY KEY CHECK (length(hash) = 64),
            bytes INTEGER NOT NULL CHECK (bytes > 0),
            duration_seconds REAL NOT NULL,
            sample_rate INTEGER NOT NULL,
            content BLOB NOT NULL
        ) STRICT;

        CREATE TABLE voice (
            id TEXT NOT NULL PRIMARY KEY,
            name TEXT NOT NULL,
            -- the name without letter case
            name_key TEXT NOT NULL UNIQUE,
            transcript TEXT NOT NULL,
            language TEXT NOT NULL,
            -- name and transcript without letter case
            search_text TEXT NOT NULL,
            audio_hash TEXT NOT NULL REFERENCES audio(hash),
            -- the speaker of the embedded model that this voice is; NULL for people's own voices
            demo_speaker TEXT,
            created_at TEXT NOT NULL,
            updated_at TEXT NOT NULL
        ) STRICT;
        CREATE INDEX voice_by_audio ON voice(audio_hash);

        -- u16 little-endian, [frames, codebooks], of one file alone
        CREATE TABLE audio_codes (
            number INTEGER PRIMARY KEY,
            audio_hash TEXT NOT NULL REFERENCES audio(hash) ON DELETE CASCADE,
            codec_hash TEXT NOT NULL,
            codebooks INTEGER NOT NULL,
            codes BLOB NOT NULL,
            UNIQUE (audio_hash, codec_hash)
        ) STRICT;

        -- a growing number: the smallest is the oldest
        CREATE TABLE prompt_cast (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            key TEXT NOT NULL UNIQUE,
            silence_seconds REAL NOT NULL
        ) STRICT;

        CREATE TABLE prompt_cast_member (
            cast_number INTEGER NOT NULL REFERENCES prompt_cast(number) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            audio_hash TEXT NOT NULL REFERENCES audio(hash),
            PRIMARY KEY (cast_number, position)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX prompt_cast_member_by_audio ON prompt_cast_member(audio_hash);

        -- of the joined sound; reference is NULL where the model's version has none
        CREATE TABLE prompt_cast_codes (
            cast_number INTEGER NOT NULL REFERENCES prompt_cast(number) ON DELETE CASCADE,
            codec_hash TEXT NOT NULL,
            codebooks INTEGER NOT NULL,
            bytes INTEGER NOT NULL,
            joined BLOB NOT NULL,
            reference BLOB,
            PRIMARY KEY (cast_number, codec_hash)
        ) STRICT;

        -- every speaker that an embedded model ever offered: one that people removed does not come back
        CREATE TABLE demo_speaker (
            name TEXT NOT NULL PRIMARY KEY,
            audio_hash TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        """
}
