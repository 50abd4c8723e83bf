import SwiftProtobuf

/// A voice of the library, as others see it.
public struct VoiceSummary: Equatable, Sendable {
    /// Never changes.
    public var id = ""
    /// Unique; may be renamed.
    public var name = ""
    /// What the prompt says.
    public var transcript = ""
    /// BCP 47; may be empty.
    public var language = ""
    /// SHA-256 of the prompt's file, hex.
    public var audioHash = ""
    public var audioBytes = 0
    public var durationSeconds = 0.0
    /// Of the prompt's file, in Hz.
    public var sampleRate = 0
    /// RFC 3339, UTC.
    public var createdAt = ""
    public var updatedAt = ""
    /// Codecs for which codes are kept, hex.
    public var codecHashes: [String] = []
    /// Came with the embedded model.
    public var builtin = false

    public init() {}
}

extension VoiceSummary {
    init(_ message: VoicesVoice) {
        id = message.id
        name = message.name
        transcript = message.transcript
        language = message.language
        audioHash = message.audioHash
        audioBytes = Int(clamping: message.audioBytes)
        durationSeconds = message.durationSeconds
        sampleRate = Int(message.sampleRate)
        createdAt = message.createdAt
        updatedAt = message.updatedAt
        codecHashes = message.codecHashes
        builtin = message.builtin
    }

    var message: VoicesVoice {
        VoicesVoice.with {
            $0.id = id
            $0.name = name
            $0.transcript = transcript
            $0.language = language
            $0.audioHash = audioHash
            $0.audioBytes = UInt64(clamping: audioBytes)
            $0.durationSeconds = durationSeconds
            $0.sampleRate = UInt32(clamping: sampleRate)
            $0.createdAt = createdAt
            $0.updatedAt = updatedAt
            $0.codecHashes = codecHashes
            $0.builtin = builtin
        }
    }
}

extension Check {
    static func voiceName(_ name: String, _ field: String) throws(CallError) -> String {
        guard !name.isEmpty else { throw CallError(.malformed, "\(field) is empty; name a voice") }
        return try text(name, bytesMax: ContractLimits.voiceNameBytesMax, field)
    }
}

/// `voices.Add`: a prompt becomes a voice, once a codec has checked and encoded it.
public struct AddVoiceRequest: CheckedMessage, Equatable {
    public let name: String
    public let transcript: String
    public let language: String
    /// A sound file as it is.
    public let audio: [UInt8]
    /// A voice of this name may be replaced.
    public let replace: Bool

    public init(name: String, transcript: String, language: String = "", audio: [UInt8], replace: Bool = false) {
        self.name = name
        self.transcript = transcript
        self.language = language
        self.audio = audio
        self.replace = replace
    }

    public init(_ body: MessageBody) throws(CallError) {
        let message = try body.decode(VoicesAddRequest.self)
        self.init(
            name: try Check.voiceName(message.name, "Add.name"),
            transcript: try Check.text(
                message.transcript, bytesMax: ContractLimits.transcriptBytesMax, "Add.transcript"),
            language: try Check.text(message.language, bytesMax: 64, "Add.language"),
            audio: try Arrays.file(blob: message.audioBlob, of: body, field: "Add.audio"), replace: message.replace)
    }

    public func encoded() -> MessageBody {
        MessageBody(
            VoicesAddRequest.with {
                $0.name = name
                $0.transcript = transcript
                $0.language = language
                $0.audioBlob = 0
                $0.replace = replace
            }, blobs: [audio])
    }
}

/// The answer of `voices.Add`, `voices.Get`, `voices.Rename` and `voices.Remove`: the voice as it is now, or was.
public struct VoiceResponse: CheckedMessage, Equatable {
    public let voice: VoiceSummary
    /// Of `voices.Add`, for people: what is wrong with a prompt that was taken, and how to mend it.
    public let warnings: [String]

    public init(voice: VoiceSummary, warnings: [String] = []) {
        self.voice = voice
        self.warnings = warnings
    }

    public init(_ body: MessageBody) throws(CallError) {
        let message = try body.decode(VoicesVoiceResponse.self)
        self.init(voice: VoiceSummary(message.voice), warnings: message.warnings)
    }

    public func encoded() -> MessageBody {
        MessageBody(
            VoicesVoiceResponse.with {
                $0.voice = voice.message
                $0.warnings = warnings
            })
    }
}

/// The question of `voices.Get` and `voices.Remove`.
public struct VoiceRequest: CheckedMessage, Equatable {
    /// An id or a name.
    public let voice: String

    public init(voice: String) { self.voice = voice }

    public init(_ body: MessageBody) throws(CallError) {
        voice = try Check.voiceName(try body.decode(VoicesVoiceRequest.self).voice, "voice")
    }

    public func encoded() -> MessageBody { MessageBody(VoicesVoiceRequest.with { $0.voice = voice }) }
}

/// `voices.Rename`.
public struct RenameVoiceRequest: CheckedMessage, Equatable {
    /// An id or a name.
    public let voice: String
    /// The new name.
    public let name: String

    public init(voice: String, name: String) {
        self.voice = voice
        self.name = name
    }

    public init(_ body: MessageBody) throws(CallError) {
        let message = try body.decode(VoicesRenameRequest.self)
        self.init(
            voice: try Check.voiceName(message.voice, "Rename.voice"),
            name: try Check.voiceName(message.name, "Rename.name"))
    }

    public func encoded() -> MessageBody {
        MessageBody(
            VoicesRenameRequest.with {
                $0.voice = voice
                $0.name = name
            })
    }
}

/// `voices.List`: a page of voices, by name.
public struct ListVoicesRequest: CheckedMessage, Equatable {
    /// At most this many; 1...500.
    public let limit: Int
    /// The name of the last one seen; empty at the beginning.
    public let after: String
    /// A part of the name or the transcript; empty finds all.
    public let search: String

    public static let limitMax = 500

    public init(limit: Int = 100, after: String = "", search: String = "") {
        self.limit = limit
        self.after = after
        self.search = search
    }

    public init(_ body: MessageBody) throws(CallError) {
        let message = try body.decode(VoicesListRequest.self)
        let limit = message.limit == 0 ? 100 : Int(message.limit)
        guard limit <= Self.limitMax else {
            throw CallError(.malformed, "List.limit is \(limit); allowed is 1...\(Self.limitMax)")
        }
        self.init(
            limit: limit,
            after: try Check.text(message.after, bytesMax: ContractLimits.voiceNameBytesMax, "List.after"),
            search: try Check.text(message.search, bytesMax: ContractLimits.voiceNameBytesMax, "List.search"))
    }

    public func encoded() -> MessageBody {
        MessageBody(
            VoicesListRequest.with {
                $0.limit = UInt32(clamping: limit)
                $0.after = after
                $0.search = search
            })
    }
}

public struct ListVoicesResponse: CheckedMessage, Equatable {
    public let voices: [VoiceSummary]
    /// Where the next page begins (`ListVoicesRequest.after`); nil at the end.
    public let next: String?

    public init(voices: [VoiceSummary], next: String?) {
        self.voices = voices
        self.next = next
    }

    public init(_ body: MessageBody) throws(CallError) {
        let message = try body.decode(VoicesListResponse.self)
        self.init(voices: message.voices.map(VoiceSummary.init), next: message.next.isEmpty ? nil : message.next)
    }

    public func encoded() -> MessageBody {
        MessageBody(
            VoicesListResponse.with {
                $0.voices = voices.map(\.message)
                $0.next = next ?? ""
            })
    }
}
