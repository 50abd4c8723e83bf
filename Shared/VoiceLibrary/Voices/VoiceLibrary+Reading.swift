import Foundation
import GRDB

extension VoiceLibrary {
    /// - Parameter reference: An id or a name, in any letter case.
    /// - Throws: `notFound`.
    public func voice(_ reference: String) async throws(VoiceLibraryError) -> Voice {
        try await read { try VoiceRow.find(reference, in: $0) }
    }

    /// Voices in ascending order of names without letter case.
    ///
    /// Pages are complete: a voice that exists from the first page to the last is on exactly one of them, whatever is
    /// added, renamed or removed between.
    ///
    /// - Parameters:
    ///   - count: Voices a page, cut to ``LibraryLimits/pageVoices``; nil asks for a full one.
    ///   - name: The last name seen (`VoicePage.next`); it need not exist any more.
    ///   - search: Text that the name or the transcript contains, in any letter case, however short.
    /// - Throws: `tooLarge` for an endless search.
    public func voices(count: Int? = nil, after name: String? = nil, search: String = "")
        async throws(VoiceLibraryError) -> VoicePage
    {
        guard search.utf8.count <= 4 * limits.searchScalars else {
            throw .tooLarge(field: "search", count: search.unicodeScalars.count, limit: limits.searchScalars)
        }
        let wanted = min(max(count ?? limits.pageVoices, 1), limits.pageVoices)
        let after = CaseFolding.fold(String(name?.prefix(VoiceName.bytesMax) ?? ""))
        let text = CaseFolding.fold(search)
        // `instr`, not LIKE or a trigram index: those find nothing for two Chinese characters, and read % and _ as
        // patterns. Every text is read; LibraryLimits.voices says what that costs.
        let sql =
            VoiceRow.select + """

                WHERE voice.name_key > ? AND (? = '' OR instr(voice.search_text, ?) > 0)
                ORDER BY voice.name_key LIMIT ?
                """
        return try await read { database in
            let rows = try Row.fetchAll(database, sql: sql, arguments: [after, text, text, wanted + 1])
            let voices = try rows.prefix(wanted).map(VoiceRow.voice)
            return VoicePage(voices: voices, next: rows.count > wanted ? voices.last?.name : nil)
        }
    }

    /// The prompt's file as it was given.
    ///
    /// - Throws: `notFound`; `damaged` when the bytes are not what was stored.
    public func audio(of reference: String) async throws(VoiceLibraryError) -> [UInt8] {
        let path = path
        return try await read { database in
            try Self.audio(VoiceRow.find(reference, in: database).audioHash, in: database, path: path)
        }
    }

    static func audio(_ hash: String, in database: Database, path: String) throws -> [UInt8] {
        let content = try Data.fetchOne(database, sql: "SELECT content FROM audio WHERE hash = ?", arguments: [hash])
        let bytes = [UInt8](content ?? Data())
        guard ContentHash.hash(bytes) == hash else {
            throw VoiceLibraryError.damaged(path: path, reason: "the sound \(hash) is not what was stored")
        }
        return bytes
    }
}
