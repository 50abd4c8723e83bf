import SwiftProtobuf
public import Tokens

/// `voices.Prompts`: the prompts of a cast, with the codes of their joined sound when they are known.
public struct PromptsRequest: CheckedMessage, Equatable {
    /// Ids or names, in the order in which their sound is joined.
    public let voices: [String]
    /// The codec whose codes are wanted; empty when none are.
    public let codecHash: String
    /// Part of what was encoded.
    public let silenceSeconds: Double

    public init(voices: [String], codecHash: String, silenceSeconds: Double = 0) {
        self.voices = voices
        self.codecHash = codecHash
        self.silenceSeconds = silenceSeconds
    }

    public init(_ body: MessageBody) throws(CallError) {
        let message = try body.decode(VoicesPromptsRequest.self)
        guard (1...ContractLimits.promptsMax).contains(message.voices.count) else {
            throw CallError(
                .malformed,
                "Prompts.voices: \(message.voices.count); allowed are 1...\(ContractLimits.promptsMax)")
        }
        var voices: [String] = []
        for voice in message.voices { voices.append(try Check.voiceName(voice, "Prompts.voices")) }
        self.init(
            voices: voices, codecHash: message.codecHash,
            silenceSeconds: try Check.seconds(
                message.silenceSeconds, max: ContractLimits.silenceSecondsMax, "Prompts.silence_seconds"))
    }

    public func encoded() -> MessageBody {
        MessageBody(
            VoicesPromptsRequest.with {
                $0.voices = voices
                $0.codecHash = codecHash
                $0.silenceSeconds = silenceSeconds
            })
    }
}

public struct PromptsResponse: CheckedMessage, Equatable {
    /// As asked, one a name.
    public let voices: [VoiceSummary]
    /// A sound file a voice; empty when codes and reference are there.
    public let audio: [[UInt8]]
    /// Of the joined prompts with the silence, when known.
    public let codes: CodeMatrix?
    /// The decoder's reference, when known.
    public let referenceCodes: CodeMatrix?
    /// Names this cast's prompts and silence for `StoreCodesRequest.key`.
    public let key: String

    public init(
        voices: [VoiceSummary], audio: [[UInt8]], codes: CodeMatrix?, referenceCodes: CodeMatrix?, key: String
    ) {
        self.voices = voices
        self.audio = audio
        self.codes = codes
        self.referenceCodes = referenceCodes
        self.key = key
    }

    public init(_ body: MessageBody) throws(CallError) {
        let message = try body.decode(VoicesPromptsResponse.self)
        var audio: [[UInt8]] = []
        for blob in message.audioBlobs {
            audio.append(try Arrays.file(blob: blob, of: body, field: "Prompts.audio"))
        }
        guard audio.isEmpty || audio.count == message.voices.count else {
            throw CallError(.malformed, "Prompts: \(audio.count) files for \(message.voices.count) voices")
        }
        self.init(
            voices: message.voices.map(VoiceSummary.init), audio: audio,
            codes: message.codesKnown
                ? try Arrays.codes(
                    blob: message.codesBlob, frames: message.codesFrames, codebooks: message.codebooks,
                    framesMax: ContractLimits.framesMax, of: body, field: "Prompts.codes") : nil,
            referenceCodes: message.referenceKnown
                ? try Arrays.codes(
                    blob: message.referenceBlob, frames: message.referenceFrames, codebooks: message.codebooks,
                    framesMax: ContractLimits.framesMax, of: body, field: "Prompts.reference") : nil,
            key: message.key)
    }

    public func encoded() -> MessageBody {
        var blobs = BlobWriter()
        let message = VoicesPromptsResponse.with {
            $0.voices = voices.map(\.message)
            for file in audio { $0.audioBlobs.append(blobs.add(file)) }
            if let codes {
                $0.codesKnown = true
                $0.codesBlob = blobs.add(codes)
                $0.codesFrames = UInt32(clamping: codes.frames)
                $0.codebooks = UInt32(clamping: codes.codebooks)
            }
            if let referenceCodes {
                $0.referenceKnown = true
                $0.referenceBlob = blobs.add(referenceCodes)
                $0.referenceFrames = UInt32(clamping: referenceCodes.frames)
                $0.codebooks = UInt32(clamping: referenceCodes.codebooks)
            }
            $0.key = key
        }
        return MessageBody(message, blobs: blobs.blobs)
    }
}

/// `voices.StoreCodes`: keeps what a codec made of a cast's joined prompts.
public struct StoreCodesRequest: CheckedMessage, Equatable {
    public let key: String
    public let codecHash: String
    public let codes: CodeMatrix
    public let referenceCodes: CodeMatrix?

    /// - Precondition: both matrices have as many codebooks.
    public init(key: String, codecHash: String, codes: CodeMatrix, referenceCodes: CodeMatrix?) {
        precondition(referenceCodes.map { $0.codebooks == codes.codebooks } ?? true, "codebooks differ")
        self.key = key
        self.codecHash = codecHash
        self.codes = codes
        self.referenceCodes = referenceCodes
    }

    public init(_ body: MessageBody) throws(CallError) {
        let message = try body.decode(VoicesStoreCodesRequest.self)
        self.init(
            key: try Check.text(message.key, bytesMax: 256, "StoreCodes.key"),
            codecHash: try Check.text(message.codecHash, bytesMax: 256, "StoreCodes.codec_hash"),
            codes: try Arrays.codes(
                blob: message.codesBlob, frames: message.codesFrames, codebooks: message.codebooks,
                framesMax: ContractLimits.framesMax, of: body, field: "StoreCodes.codes"),
            referenceCodes: message.hasReference_p
                ? try Arrays.codes(
                    blob: message.referenceBlob, frames: message.referenceFrames, codebooks: message.codebooks,
                    framesMax: ContractLimits.framesMax, of: body, field: "StoreCodes.reference") : nil)
    }

    public func encoded() -> MessageBody {
        var blobs = BlobWriter()
        let message = VoicesStoreCodesRequest.with {
            $0.key = key
            $0.codecHash = codecHash
            $0.codebooks = UInt32(clamping: codes.codebooks)
            $0.codesBlob = blobs.add(codes)
            $0.codesFrames = UInt32(clamping: codes.frames)
            if let referenceCodes {
                $0.hasReference_p = true
                $0.referenceBlob = blobs.add(referenceCodes)
                $0.referenceFrames = UInt32(clamping: referenceCodes.frames)
            }
        }
        return MessageBody(message, blobs: blobs.blobs)
    }
}

/// An answer that says no more than that it was done.
public struct Done: CheckedMessage, Equatable {
    public init() {}
    public init(_ body: MessageBody) throws(CallError) { _ = try body.decode(VoicesStoreCodesResponse.self) }
    public func encoded() -> MessageBody { MessageBody(VoicesStoreCodesResponse()) }
}
