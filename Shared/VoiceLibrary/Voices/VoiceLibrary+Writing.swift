import Foundation
import GRDB
import Tokens

extension VoiceLibrary {
    /// Whether a voice could be added as far as can be told without listening to it, so that nobody listens in vain.
    ///
    /// - Throws: What ``add(_:replacing:)`` would.
    public func checkAddable(
        name: String, transcript: String, language: String, audio: [UInt8], replacing: Bool
    ) async throws(VoiceLibraryError) {
        let said = try CheckedVoice.Said(
            name: name, transcript: transcript, language: language, audio: audio, limits: limits)
        let limits = limits
        try await read { database in
            if try Self.holder(of: said.name, in: database) != nil {
                guard replacing else { throw VoiceLibraryError.nameTaken(name: said.name.text) }
            } else {
                try Self.checkRoom(in: database, limits: limits)
            }
        }
    }

    /// Adds a voice, or puts it in the place of the one that has its name.
    ///
    /// A replaced voice keeps its id and the day it was created; it is no longer builtin.
    ///
    /// - Throws: `invalid`, `tooLarge`, `unsuitablePrompt`, `nameTaken`, `full`.
    public func add(_ given: NewVoice, replacing: Bool = false) async throws(VoiceLibraryError) -> Voice {
        let checked = try CheckedVoice(given, limits: limits)
        let timestamp = timestamp()
        let limits = limits
        return try await write { database in
            let existing = try Self.holder(of: checked.name, in: database)
            guard replacing || existing == nil else { throw VoiceLibraryError.nameTaken(name: checked.name.text) }
            try Self.store(soundOf: checked, in: database, limits: limits)
            let id: String
            if let existing {
                id = existing
                try Self.replace(id, by: checked, demoSpeaker: nil, at: timestamp, in: database)
            } else {
                id = try Self.insert(checked, demoSpeaker: nil, at: timestamp, in: database, limits: limits)
            }
            return try VoiceRow.find(id, in: database)
        }
    }

    /// - Parameter reference: An id or a name.
    /// - Throws: `notFound`, `invalid`, `nameTaken`.
    public func rename(_ reference: String, to given: String) async throws(VoiceLibraryError) -> Voice {
        let name = try VoiceName(given)
        let timestamp = timestamp()
        return try await write { database in
            let voice = try VoiceRow.find(reference, in: database)
            // The same voice may change the letter case of its name.
            let holder = try Self.holder(of: name, in: database)
            guard holder == nil || holder == voice.id else { throw VoiceLibraryError.nameTaken(name: name.text) }
            try database.execute(
                sql: "UPDATE voice SET name = ?, name_key = ?, search_text = ?, updated_at = ? WHERE id = ?",
                arguments: [
                    name.text, name.key, CheckedVoice.searchText(name: name, transcript: voice.transcript), timestamp,
                    voice.id,
                ])
            return try VoiceRow.find(voice.id, in: database)
        }
    }

    /// Removes a voice, and its sound with every code made of it unless another voice has the same sound.
    ///
    /// - Returns: The voice as it was.
    /// - Throws: `notFound`.
    public func remove(_ reference: String) async throws(VoiceLibraryError) -> Voice {
        try await write { database in
            let voice = try VoiceRow.find(reference, in: database)
            try database.execute(sql: "DELETE FROM voice WHERE id = ?", arguments: [voice.id])
            try Self.removeSoundWithoutVoice(voice.audioHash, in: database)
            return voice
        }
    }

    /// Keeps what a codec made of a voice's file alone.
    ///
    /// - Throws: `notFound`, `invalid`, `tooLarge`.
    public func store(_ encoded: EncodedPrompt, of reference: String) async throws(VoiceLibraryError) -> Voice {
        try StoredCodes.check(codecHash: encoded.codecHash)
        try StoredCodes.check(encoded.codes, field: "codes", limits: limits)
        let limits = limits
        return try await write { database in
            let voice = try VoiceRow.find(reference, in: database)
            try Self.store(encoded, ofSound: voice.audioHash, in: database, limits: limits)
            return try VoiceRow.find(voice.id, in: database)
        }
    }
}

// The steps of a transaction.
extension VoiceLibrary {
    /// The id of the voice that has a name.
    private static func holder(of name: VoiceName, in database: Database) throws -> String? {
        try String.fetchOne(database, sql: "SELECT id FROM voice WHERE name_key = ?", arguments: [name.key])
    }

    private static func checkRoom(in database: Database, limits: LibraryLimits) throws {
        let count = try Int.fetchOne(database, sql: "SELECT count(*) FROM voice") ?? 0
        guard count < limits.voices else { throw VoiceLibraryError.full(limit: limits.voices) }
    }

    static func insert(
        _ voice: CheckedVoice, demoSpeaker: String?, at timestamp: String, in database: Database, limits: LibraryLimits
    ) throws -> String {
        try checkRoom(in: database, limits: limits)
        let id = VoiceID.random()
        try database.execute(
            sql: """
                INSERT INTO voice (id, name, name_key, transcript, language, search_text, audio_hash, demo_speaker,
                    created_at, updated_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                id, voice.name.text, voice.name.key, voice.transcript, voice.language, voice.searchText,
                voice.audioHash, demoSpeaker, timestamp, timestamp,
            ])
        return id
    }

    /// Only the id and the day of creation stay.
    static func replace(
        _ id: String, by voice: CheckedVoice, demoSpeaker: String?, at timestamp: String, in database: Database
    ) throws {
        let old = try String.fetchOne(database, sql: "SELECT audio_hash FROM voice WHERE id = ?", arguments: [id])
        try database.execute(
            sql: """
                UPDATE voice SET name = ?, name_key = ?, transcript = ?, language = ?, search_text = ?,
                    audio_hash = ?, demo_speaker = ?, updated_at = ?
                WHERE id = ?
                """,
            arguments: [
                voice.name.text, voice.name.key, voice.transcript, voice.language, voice.searchText, voice.audioHash,
                demoSpeaker, timestamp, id,
            ])
        if let old { try removeSoundWithoutVoice(old, in: database) }
    }

    /// The sound and its codes, before the voice that refers to it.
    static func store(soundOf voice: CheckedVoice, in database: Database, limits: LibraryLimits) throws {
        try database.execute(
            sql: """
                INSERT INTO audio (hash, bytes, duration_seconds, sample_rate, content) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (hash) DO NOTHING
                """,
            arguments: [
                voice.audioHash, voice.audio.count, voice.durationSeconds, voice.sampleRate, Data(voice.audio),
            ])
        if let codes = voice.codes { try store(codes, ofSound: voice.audioHash, in: database, limits: limits) }
    }

    static func store(_ encoded: EncodedPrompt, ofSound hash: String, in database: Database, limits: LibraryLimits)
        throws
    {
        try database.execute(
            sql: """
                INSERT OR REPLACE INTO audio_codes (audio_hash, codec_hash, codebooks, codes) VALUES (?, ?, ?, ?)
                """,
            arguments: [hash, encoded.codecHash, encoded.codes.codebooks, StoredCodes.bytes(encoded.codes)])
        try database.execute(
            sql: """
                DELETE FROM audio_codes WHERE audio_hash = ?1 AND number NOT IN
                    (SELECT number FROM audio_codes WHERE audio_hash = ?1 ORDER BY number DESC LIMIT ?2)
                """,
            arguments: [hash, limits.codecsPerVoice])
    }

    static func removeSoundWithoutVoice(_ hash: String, in database: Database) throws {
        let users = try Int.fetchOne(
            database, sql: "SELECT count(*) FROM voice WHERE audio_hash = ?", arguments: [hash])
        guard users == 0 else { return }
        try database.execute(
            sql: """
                DELETE FROM prompt_cast WHERE number IN
                    (SELECT cast_number FROM prompt_cast_member WHERE audio_hash = ?)
                """,
            arguments: [hash])
        try database.execute(sql: "DELETE FROM audio WHERE hash = ?", arguments: [hash])
    }
}
