import Foundation
import GRDB

/// Reading voices from their table.
enum VoiceRow {
    /// Everything of a voice but its sound. The codec hashes are one text, parted by commas, which no hash contains.
    static let select = """
        SELECT voice.id, voice.name, voice.transcript, voice.language, voice.audio_hash, voice.created_at,
            voice.updated_at, voice.demo_speaker, audio.bytes, audio.duration_seconds, audio.sample_rate,
            (SELECT group_concat(codec_hash) FROM audio_codes WHERE audio_codes.audio_hash = voice.audio_hash) AS codecs
        FROM voice JOIN audio ON audio.hash = voice.audio_hash
        """

    /// - Throws: GRDB's decoding error where a value has another type than the table promises: the file is damaged.
    static func voice(_ row: Row) throws -> Voice {
        let codecs = try row.decode(String?.self, forColumn: "codecs")
        return Voice(
            id: try row.decode(forColumn: "id"), name: try row.decode(forColumn: "name"),
            transcript: try row.decode(forColumn: "transcript"), language: try row.decode(forColumn: "language"),
            audioHash: try row.decode(forColumn: "audio_hash"), audioBytes: try row.decode(forColumn: "bytes"),
            durationSeconds: try row.decode(forColumn: "duration_seconds"),
            sampleRate: try row.decode(forColumn: "sample_rate"), createdAt: try row.decode(forColumn: "created_at"),
            updatedAt: try row.decode(forColumn: "updated_at"),
            codecHashes: codecs?.split(separator: ",").map(String.init).sorted() ?? [],
            isBuiltin: try row.decode(String?.self, forColumn: "demo_speaker") != nil)
    }

    /// - Parameter reference: An id or a name, in any letter case.
    /// - Throws: `VoiceLibraryError.notFound`.
    static func find(_ reference: String, in database: Database) throws -> Voice {
        guard let row = try lookUp(reference, in: database) else {
            throw VoiceLibraryError.notFound(voice: String(reference.prefix(VoiceName.scalarsMax)))
        }
        return try voice(row)
    }

    private static func lookUp(_ reference: String, in database: Database) throws -> Row? {
        // No name has the form of an id, so there is no question of which is meant.
        if VoiceID.isOne(reference) {
            return try Row.fetchOne(database, sql: select + " WHERE voice.id = ?", arguments: [reference])
        }
        guard let name = try? VoiceName(reference) else { return nil }
        return try Row.fetchOne(database, sql: select + " WHERE voice.name_key = ?", arguments: [name.key])
    }
}
