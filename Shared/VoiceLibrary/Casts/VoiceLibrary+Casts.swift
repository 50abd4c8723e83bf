import Foundation
import GRDB
import Tokens

extension VoiceLibrary {
    /// The prompts of a cast, and the codes of their joined sound when they are known.
    ///
    /// - Parameters:
    ///   - references: Ids or names, speaker 1 first. A voice may speak for two.
    ///   - codecHash: Names the codec whose codes are wanted, hexadecimal; nil when none are, and then none can be stored
    ///     under the key either.
    ///   - silenceSeconds: Appended to the joined prompts before they are encoded.
    /// - Throws: `notFound`, `invalid`, `damaged`.
    public func prompts(of references: [String], codecHash: String?, silenceSeconds: Double)
        async throws(VoiceLibraryError) -> CastPrompts
    {
        guard (1...limits.castVoices).contains(references.count) else {
            throw .invalid(
                field: "voices", reason: "has \(references.count) voices; allowed are 1...\(limits.castVoices)")
        }
        guard limits.silenceSeconds.contains(silenceSeconds) else {
            throw .invalid(
                field: "silence_seconds",
                reason: "is \(silenceSeconds); allowed are \(limits.silenceSeconds.lowerBound)..."
                    + "\(limits.silenceSeconds.upperBound)")
        }
        if let codecHash { try StoredCodes.check(codecHash: codecHash) }
        let path = path
        let found = try await read { database in
            try Self.prompts(
                of: references, codecHash: codecHash, silenceSeconds: silenceSeconds, in: database, path: path)
        }
        if found.isRegistered || codecHash == nil { return found.prompts }

        // Codes can only be stored under a key whose sounds are known, so that they go with the sounds.
        let limits = limits
        return try await write { database in
            // Again, because voices may have changed between the two transactions.
            let found = try Self.prompts(
                of: references, codecHash: codecHash, silenceSeconds: silenceSeconds, in: database, path: path)
            if !found.isRegistered {
                try Self.register(found.prompts, silenceSeconds: silenceSeconds, in: database)
                try Self.trimCasts(in: database, limits: limits)
            }
            return found.prompts
        }
    }

    /// Keeps what a codec made of a cast's joined prompts.
    ///
    /// - Parameter key: From ``CastPrompts``.
    /// - Throws: `unknownCast`, `invalid`, `tooLarge`.
    public func store(_ codes: CastCodes, key: String, codecHash: String) async throws(VoiceLibraryError) {
        guard ContentHash.isOne(key) else {
            throw .invalid(field: "key", reason: "is no key that a cast's prompts came with")
        }
        try StoredCodes.check(codecHash: codecHash)
        try StoredCodes.check(codes.joined, field: "codes", limits: limits)
        if let reference = codes.reference {
            try StoredCodes.check(reference, field: "reference", limits: limits)
            guard reference.codebooks == codes.joined.codebooks else {
                throw .invalid(
                    field: "reference",
                    reason: "has \(reference.codebooks) codebooks, the codes have \(codes.joined.codebooks)")
            }
        }
        let joined = StoredCodes.bytes(codes.joined)
        let reference = codes.reference.map(StoredCodes.bytes)
        let limits = limits
        try await write { database in
            let number = try Int64.fetchOne(
                database, sql: "SELECT number FROM prompt_cast WHERE key = ?", arguments: [key])
            guard let number else { throw VoiceLibraryError.unknownCast(key: key) }
            try database.execute(
                sql: """
                    INSERT OR REPLACE INTO prompt_cast_codes
                        (cast_number, codec_hash, codebooks, bytes, joined, reference)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    number, codecHash, codes.joined.codebooks, joined.count + (reference?.count ?? 0), joined,
                    reference,
                ])
            try Self.trimCasts(in: database, limits: limits)
        }
    }

    private static func prompts(
        of references: [String], codecHash: String?, silenceSeconds: Double, in database: Database, path: String
    ) throws -> (prompts: CastPrompts, isRegistered: Bool) {
        let voices = try references.map { try VoiceRow.find($0, in: database) }
        let key = CastKey.key(audioHashes: voices.map(\.audioHash), silenceSeconds: silenceSeconds)
        let number = try Int64.fetchOne(
            database, sql: "SELECT number FROM prompt_cast WHERE key = ?", arguments: [key])
        var codes: CastCodes?
        if let number, let codecHash {
            codes = try castCodes(number, codecHash: codecHash, in: database, path: path)
        }
        // One model's codec makes a reference and another's with the same weights does not: sound is left out only
        // where neither can need it.
        let sounds =
            codes?.reference == nil ? try voices.map { try audio($0.audioHash, in: database, path: path) } : []
        return (CastPrompts(key: key, voices: voices, audio: sounds, codes: codes), number != nil)
    }

    private static func castCodes(_ number: Int64, codecHash: String, in database: Database, path: String) throws
        -> CastCodes?
    {
        let row = try Row.fetchOne(
            database,
            sql: """
                SELECT codebooks, joined, reference FROM prompt_cast_codes WHERE cast_number = ? AND codec_hash = ?
                """,
            arguments: [number, codecHash])
        guard let row else { return nil }
        let codebooks = try row.decode(Int.self, forColumn: "codebooks")
        let reference = try row.decode(Data?.self, forColumn: "reference")
        return CastCodes(
            joined: try StoredCodes.codes(row.decode(forColumn: "joined"), codebooks: codebooks, path: path),
            reference: try reference.map { try StoredCodes.codes($0, codebooks: codebooks, path: path) })
    }

    private static func register(_ prompts: CastPrompts, silenceSeconds: Double, in database: Database) throws {
        try database.execute(
            sql: "INSERT INTO prompt_cast (key, silence_seconds) VALUES (?, ?)",
            arguments: [prompts.key, silenceSeconds])
        let number = database.lastInsertedRowID
        for (position, voice) in prompts.voices.enumerated() {
            try database.execute(
                sql: "INSERT INTO prompt_cast_member (cast_number, position, audio_hash) VALUES (?, ?, ?)",
                arguments: [number, position, voice.audioHash])
        }
    }

    /// Drops the oldest casts past the bounds; the newest stays in any case, because somebody is about to use it.
    private static func trimCasts(in database: Database, limits: LibraryLimits) throws {
        try database.execute(
            sql: """
                DELETE FROM prompt_cast WHERE number NOT IN
                    (SELECT number FROM prompt_cast ORDER BY number DESC LIMIT ?)
                """,
            arguments: [max(1, limits.casts)])
        try database.execute(
            sql: """
                DELETE FROM prompt_cast WHERE number IN (
                    SELECT cast_number FROM (
                        SELECT cast_number, sum(sum(bytes)) OVER (ORDER BY cast_number DESC) AS kept
                        FROM prompt_cast_codes GROUP BY cast_number)
                    WHERE kept > ? AND cast_number < (SELECT max(number) FROM prompt_cast))
                """,
            arguments: [limits.castCodeBytes])
    }
}
