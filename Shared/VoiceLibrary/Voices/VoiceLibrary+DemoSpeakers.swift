import Foundation
import GRDB

extension VoiceLibrary {
    /// Offers the speakers of the embedded model; to be called at every start.
    ///
    /// A speaker comes in once. One that people removed, renamed or replaced stays as they left it, also under a newer
    /// model; an untouched one follows a newer model's prompt. A name that people gave to a voice of their own is theirs.
    ///
    /// - Returns: How many voices were added or changed.
    /// - Throws: `invalid`, `unsuitablePrompt`, `full`.
    public func offerDemoSpeakers(_ speakers: [NewVoice]) async throws(VoiceLibraryError) -> Int {
        var checked: [CheckedVoice] = []
        for speaker in speakers { checked.append(try CheckedVoice(speaker, limits: limits)) }
        let offered = checked
        let timestamp = timestamp()
        let limits = limits
        let isSettled = try await read { database in
            try offered.allSatisfy { try Self.offeredSound($0.name.key, in: database) == $0.audioHash }
        }
        if isSettled { return 0 }
        return try await write { database in
            var changed = 0
            for speaker in offered where try Self.offer(speaker, at: timestamp, in: database, limits: limits) {
                changed += 1
            }
            return changed
        }
    }

    private static func offer(
        _ speaker: CheckedVoice, at timestamp: String, in database: Database, limits: LibraryLimits
    ) throws -> Bool {
        let name = speaker.name.key
        let known = try offeredSound(name, in: database)
        guard known != speaker.audioHash else { return false }
        try database.execute(
            sql: "INSERT OR REPLACE INTO demo_speaker (name, audio_hash) VALUES (?, ?)",
            arguments: [name, speaker.audioHash])
        let holder = try Row.fetchOne(
            database, sql: "SELECT id, demo_speaker FROM voice WHERE name_key = ?", arguments: [name])
        if let holder {
            guard try holder.decode(String?.self, forColumn: "demo_speaker") == name else { return false }
            try store(soundOf: speaker, in: database, limits: limits)
            try replace(holder.decode(forColumn: "id"), by: speaker, demoSpeaker: name, at: timestamp, in: database)
            return true
        }
        guard known == nil else { return false }
        try store(soundOf: speaker, in: database, limits: limits)
        _ = try insert(speaker, demoSpeaker: name, at: timestamp, in: database, limits: limits)
        return true
    }

    /// The hash of the sound that a demo speaker had when it was offered last.
    private static func offeredSound(_ name: String, in database: Database) throws -> String? {
        try String.fetchOne(database, sql: "SELECT audio_hash FROM demo_speaker WHERE name = ?", arguments: [name])
    }
}
