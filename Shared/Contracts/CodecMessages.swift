import SwiftProtobuf
public import Tokens

/// `codec.Tokenize`: text becomes ids.
public struct TokenizeRequest: CheckedMessage, Equatable {
    public let text: String

    public init(text: String) { self.text = text }

    public init(_ body: MessageBody) throws(CallError) {
        let message = try body.decode(CodecTokenizeRequest.self)
        text = try Check.text(message.text, bytesMax: ContractLimits.scriptBytesMax, "Tokenize.text")
    }

    public func encoded() -> MessageBody { MessageBody(CodecTokenizeRequest.with { $0.text = text }) }
}

public struct TokenizeResponse: CheckedMessage, Equatable {
    public let ids: [Int32]

    public init(ids: [Int32]) { self.ids = ids }

    public init(_ body: MessageBody) throws(CallError) { ids = try body.decode(CodecTokenizeResponse.self).ids }

    public func encoded() -> MessageBody { MessageBody(CodecTokenizeResponse.with { $0.ids = ids }) }
}

/// `codec.Detokenize`: ids become text.
public struct DetokenizeRequest: CheckedMessage, Equatable {
    public let ids: [Int32]
    public let skipSpecial: Bool

    public init(ids: [Int32], skipSpecial: Bool = false) {
        self.ids = ids
        self.skipSpecial = skipSpecial
    }

    public init(_ body: MessageBody) throws(CallError) {
        let message = try body.decode(CodecDetokenizeRequest.self)
        guard message.ids.count <= ContractLimits.scriptBytesMax else {
            throw CallError(
                .tooLarge, "Detokenize.ids: \(message.ids.count); allowed are \(ContractLimits.scriptBytesMax)")
        }
        self.init(ids: message.ids, skipSpecial: message.skipSpecial)
    }

    public func encoded() -> MessageBody {
        MessageBody(
            CodecDetokenizeRequest.with {
                $0.ids = ids
                $0.skipSpecial = skipSpecial
            })
    }
}

public struct DetokenizeResponse: CheckedMessage, Equatable {
    public let text: String

    public init(text: String) { self.text = text }

    public init(_ body: MessageBody) throws(CallError) { text = try body.decode(CodecDetokenizeResponse.self).text }

    public func encoded() -> MessageBody { MessageBody(CodecDetokenizeResponse.with { $0.text = text }) }
}

/// `codec.Encode`: a sound file becomes codes.
public struct EncodeRequest: CheckedMessage, Equatable {
    /// A sound file as it is, in any format that the codec reads.
    public let audio: [UInt8]

    public init(audio: [UInt8]) { self.audio = audio }

    public init(_ body: MessageBody) throws(CallError) {
        let message = try body.decode(CodecEncodeRequest.self)
        audio = try Arrays.file(blob: message.audio.blob, of: body, field: "Encode.audio")
    }

    public func encoded() -> MessageBody {
        MessageBody(
            CodecEncodeRequest.with {
                $0.audio.blob = 0
                $0.audio.shape = [UInt32(clamping: audio.count)]
            }, blobs: [audio])
    }
}

public struct EncodeResponse: CheckedMessage, Equatable {
    public let codes: CodeMatrix
    public let durationSeconds: Double
    /// Of the file, in Hz.
    public let sampleRate: Int
    /// Of the file.
    public let channels: Int
    /// The largest absolute sample of the mono mix.
    public let peak: Float
    public let rms: Float
    public let codecHash: String

    public init(
        codes: CodeMatrix, durationSeconds: Double, sampleRate: Int, channels: Int, peak: Float, rms: Float,
        codecHash: String
    ) {
        self.codes = codes
        self.durationSeconds = durationSeconds
        self.sampleRate = sampleRate
        self.channels = channels
        self.peak = peak
        self.rms = rms
        self.codecHash = codecHash
    }

    public init(_ body: MessageBody) throws(CallError) {
        let message = try body.decode(CodecEncodeResponse.self)
        self.init(
            codes: try message.codes.codes(of: body, field: "Encode.codes"),
            durationSeconds: message.durationSeconds, sampleRate: Int(message.sampleRate),
            channels: Int(message.channels), peak: message.peak, rms: message.rms, codecHash: message.codecHash)
    }

    public func encoded() -> MessageBody {
        var blobs = BlobWriter()
        let message = CodecEncodeResponse.with {
            $0.codes = CodecArray(codes, in: &blobs)
            $0.durationSeconds = durationSeconds
            $0.sampleRate = UInt32(clamping: sampleRate)
            $0.channels = UInt32(clamping: channels)
            $0.peak = peak
            $0.rms = rms
            $0.codecHash = codecHash
        }
        return MessageBody(message, blobs: blobs.blobs)
    }
}

/// `codec.Decode`: codes become sound. The codes come as `CodesItem`s, the sound leaves as `AudioItem`s.
public struct DecodeRequest: CheckedMessage, Equatable {
    /// The model's number, not ours.
    public let codebooks: Int
    /// Decode behind this reference, as v0.7 does; nil decodes plainly.
    public let reference: CodeMatrix?
    public let delivery: SoundDelivery

    public init(codebooks: Int, reference: CodeMatrix? = nil, delivery: SoundDelivery = .settled) {
        self.codebooks = codebooks
        self.reference = reference
        self.delivery = delivery
    }

    public init(_ body: MessageBody) throws(CallError) {
        let message = try body.decode(CodecDecodeRequest.self)
        guard (1...UInt32(ContractLimits.channelsMax)).contains(message.codebooks) else {
            throw CallError(
                .malformed,
                "Decode.codebooks is \(message.codebooks); allowed is 1...\(ContractLimits.channelsMax)")
        }
        self.init(
            codebooks: Int(message.codebooks),
            reference: message.hasReferenceCodes
                ? try message.referenceCodes.codes(of: body, field: "Decode.reference_codes") : nil,
            delivery: try SoundDelivery(message.delivery, field: "Decode.delivery"))
    }

    public func encoded() -> MessageBody {
        var blobs = BlobWriter()
        let message = CodecDecodeRequest.with {
            $0.codebooks = UInt32(clamping: codebooks)
            if let reference { $0.referenceCodes = CodecArray(reference, in: &blobs) }
            $0.delivery = delivery.rawValue
        }
        return MessageBody(message, blobs: blobs.blobs)
    }
}

/// Whole frames, in order.
public struct CodesItem: CheckedMessage, Equatable {
    public let codes: CodeMatrix

    public init(codes: CodeMatrix) { self.codes = codes }

    public init(_ body: MessageBody) throws(CallError) {
        let message = try body.decode(CodecCodesItem.self)
        codes = try message.codes.codes(
            of: body, field: "CodesItem.codes", framesMax: ContractLimits.framesPerItemMax)
    }

    public func encoded() -> MessageBody {
        var blobs = BlobWriter()
        let message = CodecCodesItem.with { $0.codes = CodecArray(codes, in: &blobs) }
        return MessageBody(message, blobs: blobs.blobs)
    }
}

/// Mono sound, in order.
public struct AudioItem: CheckedMessage, Equatable {
    public let samples: [Float]

    public init(samples: [Float]) { self.samples = samples }

    public init(_ body: MessageBody) throws(CallError) {
        let message = try body.decode(CodecAudioItem.self)
        guard message.samples.shape.count == 1, message.samples.shape[0] <= ContractLimits.samplesPerItemMax else {
            throw CallError(.malformed, "AudioItem.samples: the shape is not [samples] within the limit")
        }
        samples = try Arrays.floats(
            blob: message.samples.blob, count: Int(message.samples.shape[0]), of: body, field: "AudioItem.samples")
    }

    public func encoded() -> MessageBody {
        MessageBody(
            CodecAudioItem.with { $0.samples.shape = [UInt32(clamping: samples.count)] },
            blobs: [Arrays.bytes(samples)])
    }
}

public struct DecodeResponse: CheckedMessage, Equatable {
    public let frames: Int
    public let samples: Int
    public let sampleRate: Int

    public init(frames: Int, samples: Int, sampleRate: Int) {
        self.frames = frames
        self.samples = samples
        self.sampleRate = sampleRate
    }

    public init(_ body: MessageBody) throws(CallError) {
        let message = try body.decode(CodecDecodeResponse.self)
        self.init(
            frames: Int(clamping: message.frames), samples: Int(clamping: message.samples),
            sampleRate: Int(message.sampleRate))
    }

    public func encoded() -> MessageBody {
        MessageBody(
            CodecDecodeResponse.with {
                $0.frames = UInt64(clamping: frames)
                $0.samples = UInt64(clamping: samples)
                $0.sampleRate = UInt32(clamping: sampleRate)
            })
    }
}

extension CodecArray {
    /// Codes, added to the blobs of a message under construction.
    init(_ codes: CodeMatrix, in blobs: inout BlobWriter) {
        self.init()
        blob = blobs.add(codes)
        shape = [UInt32(clamping: codes.frames), UInt32(clamping: codes.codebooks)]
    }

    func codes(of body: MessageBody, field: String, framesMax: Int = ContractLimits.framesMax) throws(CallError)
        -> CodeMatrix
    {
        guard shape.count == 2 else {
            throw CallError(.malformed, "\(field): the shape has \(shape.count) numbers; it is [frames, codebooks]")
        }
        return try Arrays.codes(
            blob: blob, frames: shape[0], codebooks: shape[1], framesMax: framesMax, of: body, field: field)
    }
}
