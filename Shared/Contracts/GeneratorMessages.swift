import SwiftProtobuf
public import Tokens

/// What a caller sets over the model's own sampling; nil leaves a value as the model's files have it.
public struct SamplingOverrides: Equatable, Sendable {
    public var temperature: Float?
    public var topK: Int?
    public var topP: Float?
    public var repetitionPenalty: Float?

    public init(
        temperature: Float? = nil, topK: Int? = nil, topP: Float? = nil, repetitionPenalty: Float? = nil
    ) {
        self.temperature = temperature
        self.topK = topK
        self.topP = topP
        self.repetitionPenalty = repetitionPenalty
    }

    /// - Throws: `invalidArgument` naming the field, its value and what is allowed.
    func checked() throws(CallError) -> SamplingOverrides {
        func check(_ value: Float?, _ name: String, _ allowed: ClosedRange<Float>) throws(CallError) {
            guard let value else { return }
            guard value.isFinite, allowed.contains(value) else {
                throw CallError(
                    .invalidArgument,
                    "\(name) is \(value); allowed is \(allowed.lowerBound)...\(allowed.upperBound)",
                    details: ["field": name])
            }
        }
        try check(temperature, "temperature", 0.01...100)
        try check(topP, "top_p", 0.0001...1)
        try check(repetitionPenalty, "repetition_penalty", 0.01...100)
        if let topK, !(1...1 << 20).contains(topK) {
            throw CallError(
                .invalidArgument, "top_k is \(topK); allowed is 1...\(1 << 20)", details: ["field": "top_k"])
        }
        return self
    }
}

/// `generator.Generate`: a token matrix becomes frames, as `FramesItem`s.
public struct GenerateRequest: CheckedMessage, Equatable {
    /// `[rows, channels]`, shifted, with the tail rows.
    public let matrix: TokenGrid
    public let seed: UInt64
    /// The likeliest id in every channel.
    public let greedy: Bool
    public let sampling: SamplingOverrides
    /// nil: the model's own limit.
    public let framesMax: Int?

    public init(
        matrix: TokenGrid, seed: UInt64, greedy: Bool = false, sampling: SamplingOverrides = .init(),
        framesMax: Int? = nil
    ) {
        self.matrix = matrix
        self.seed = seed
        self.greedy = greedy
        self.sampling = sampling
        self.framesMax = framesMax
    }

    public init(_ body: MessageBody) throws(CallError) {
        let message = try body.decode(GeneratorGenerateRequest.self)
        guard message.framesMax <= ContractLimits.framesMax else {
            throw CallError(
                .tooLarge, "Generate.frames_max is \(message.framesMax); allowed is 0...\(ContractLimits.framesMax)")
        }
        let sampling = SamplingOverrides(
            temperature: message.sampling.hasTemperature ? message.sampling.temperature : nil,
            topK: message.sampling.hasTopK ? Int(message.sampling.topK) : nil,
            topP: message.sampling.hasTopP ? message.sampling.topP : nil,
            repetitionPenalty: message.sampling.hasRepetitionPenalty ? message.sampling.repetitionPenalty : nil)
        self.init(
            matrix: try TokenGrid(
                blob: message.matrixBlob, rows: message.rows, channels: message.channels, of: body,
                field: "Generate.matrix"),
            seed: message.seed, greedy: message.greedy, sampling: try sampling.checked(),
            framesMax: message.framesMax == 0 ? nil : Int(message.framesMax))
    }

    public func encoded() -> MessageBody {
        let message = GeneratorGenerateRequest.with { request in
            request.matrixBlob = 0
            request.rows = UInt32(clamping: matrix.rows)
            request.channels = UInt32(clamping: matrix.channels)
            request.seed = seed
            request.greedy = greedy
            request.framesMax = UInt32(clamping: framesMax ?? 0)
            request.sampling = GeneratorSampling.with {
                if let temperature = sampling.temperature { $0.temperature = temperature }
                if let topK = sampling.topK { $0.topK = UInt32(clamping: topK) }
                if let topP = sampling.topP { $0.topP = topP }
                if let penalty = sampling.repetitionPenalty { $0.repetitionPenalty = penalty }
            }
        }
        return MessageBody(message, blobs: [Arrays.bytes(matrix.ids)])
    }
}

/// Whole frames, in order.
public struct FramesItem: CheckedMessage, Equatable {
    public let codes: CodeMatrix
    /// Number of the first of them in the dialogue.
    public let firstFrame: Int

    public init(codes: CodeMatrix, firstFrame: Int) {
        self.codes = codes
        self.firstFrame = firstFrame
    }

    public init(_ body: MessageBody) throws(CallError) {
        let message = try body.decode(GeneratorFramesItem.self)
        codes = try Arrays.codes(
            blob: message.codesBlob, frames: message.frames, codebooks: message.codebooks,
            framesMax: ContractLimits.framesPerItemMax, of: body, field: "FramesItem.codes")
        firstFrame = Int(clamping: message.firstFrame)
    }

    public func encoded() -> MessageBody {
        MessageBody(
            GeneratorFramesItem.with {
                $0.codesBlob = 0
                $0.frames = UInt32(clamping: codes.frames)
                $0.codebooks = UInt32(clamping: codes.codebooks)
                $0.firstFrame = UInt64(clamping: firstFrame)
            }, blobs: [Arrays.bytes(codes.codes)])
    }
}

/// Why a generation ended by itself.
public struct FinishReason: RawRepresentable, Hashable, Sendable {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    /// The model said so.
    public static let endOfSpeech = FinishReason(rawValue: "end_of_speech")
    /// The limit of the request or of the model was reached first.
    public static let framesMax = FinishReason(rawValue: "frames_max")
}

public struct GenerateResponse: CheckedMessage, Equatable {
    public let finish: FinishReason
    public let frames: Int
    public let steps: Int
    public let prefillSeconds: Double
    public let decodeSeconds: Double

    public init(finish: FinishReason, frames: Int, steps: Int, prefillSeconds: Double, decodeSeconds: Double) {
        self.finish = finish
        self.frames = frames
        self.steps = steps
        self.prefillSeconds = prefillSeconds
        self.decodeSeconds = decodeSeconds
    }

    public init(_ body: MessageBody) throws(CallError) {
        let message = try body.decode(GeneratorGenerateResponse.self)
        self.init(
            finish: FinishReason(rawValue: message.finish), frames: Int(clamping: message.frames),
            steps: Int(clamping: message.steps), prefillSeconds: message.prefillSeconds,
            decodeSeconds: message.decodeSeconds)
    }

    public func encoded() -> MessageBody {
        MessageBody(
            GeneratorGenerateResponse.with {
                $0.finish = finish.rawValue
                $0.frames = UInt64(clamping: frames)
                $0.steps = UInt64(clamping: steps)
                $0.prefillSeconds = prefillSeconds
                $0.decodeSeconds = decodeSeconds
            })
    }
}
