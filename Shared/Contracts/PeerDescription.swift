import Foundation

/// What a peer says of itself in `HELLO`.
public struct PeerDescription: Equatable, Sendable {
    /// `codec`, `generator`, `voices` or `client`.
    public var service: String
    public var software: String
    /// 16 random bytes, new at every start.
    public var instance: [UInt8]
    public var process: UInt64
    public var host: String
    /// Requests worked on at once.
    public var slots: Int
    public var methods: [String]
    public var model: ModelFacts?

    public init(
        service: String, software: String, instance: [UInt8], process: UInt64, host: String, slots: Int,
        methods: [String], model: ModelFacts? = nil
    ) {
        self.service = service
        self.software = software
        self.instance = instance
        self.process = process
        self.host = host
        self.slots = slots
        self.methods = methods
        self.model = model
    }
}

extension PeerDescription: CheckedMessage {
    public init(_ body: MessageBody) throws(CallError) {
        let hello = try body.decode(WireHello.self)
        guard hello.instance.count == 16 else {
            throw CallError(.malformed, "Hello.instance has \(hello.instance.count) bytes; it is 16")
        }
        guard !hello.service.isEmpty, hello.service.utf8.count <= 64, hello.software.utf8.count <= 64,
            hello.host.utf8.count <= 256
        else { throw CallError(.malformed, "Hello: service, software or host is empty or too long") }
        guard hello.slots <= 4096, hello.methods.count <= 256, hello.methods.allSatisfy({ $0.utf8.count <= 128 }) else {
            throw CallError(.malformed, "Hello: more than 4096 slots or 256 methods, or a method's name over 128 bytes")
        }
        self.init(
            service: hello.service, software: hello.software, instance: Array(hello.instance), process: hello.process,
            host: hello.host, slots: Int(hello.slots), methods: hello.methods,
            model: hello.hasModel ? ModelFacts(hello.model) : nil)
    }

    public func encoded() -> MessageBody {
        var hello = WireHello()
        hello.service = service
        hello.software = software
        hello.instance = .init(instance)
        hello.process = process
        hello.host = host
        hello.slots = UInt32(clamping: slots)
        hello.methods = methods
        if let model { hello.model = model.message }
        return MessageBody(hello)
    }
}

/// The facts of a worker's model that others need; no size of a model is a constant in any contract.
public struct ModelFacts: Equatable, Sendable {
    public var name = ""
    /// `v0.5` or `v0.7`: which normaliser and which decoding.
    public var flavor = ""
    public var precision = ""
    public var device = ""
    /// Hex; empty for a worker without a language model.
    public var languageModelHash = ""
    /// Hex; empty for a worker without a codec.
    public var codecHash = ""
    public var tokenizerHash = ""
    public var channels = 0
    public var codebooks = 0
    public var codebookSize = 0
    public var speakers = 0
    public var inputSampleRate = 0
    public var outputSampleRate = 0
    public var outputSamplesPerFrame = 0
    public var framesPerSecond = 0.0
    /// Ids of channel 0.
    public var vocabulary = 0
    /// Rows that a sequence may have.
    public var positionsMax = 0

    public init() {}
}

extension ModelFacts {
    init(_ message: WireModel) {
        name = message.name
        flavor = message.flavor
        precision = message.precision
        device = message.device
        languageModelHash = message.languageModelHash
        codecHash = message.codecHash
        tokenizerHash = message.tokenizerHash
        channels = Int(message.channels)
        codebooks = Int(message.codebooks)
        codebookSize = Int(message.codebookSize)
        speakers = Int(message.speakers)
        inputSampleRate = Int(message.inputSampleRate)
        outputSampleRate = Int(message.outputSampleRate)
        outputSamplesPerFrame = Int(message.outputSamplesPerFrame)
        framesPerSecond = message.framesPerSecond
        vocabulary = Int(message.vocabulary)
        positionsMax = Int(message.positionsMax)
    }

    var message: WireModel {
        var message = WireModel()
        message.name = name
        message.flavor = flavor
        message.precision = precision
        message.device = device
        message.languageModelHash = languageModelHash
        message.codecHash = codecHash
        message.tokenizerHash = tokenizerHash
        message.channels = UInt32(clamping: channels)
        message.codebooks = UInt32(clamping: codebooks)
        message.codebookSize = UInt32(clamping: codebookSize)
        message.speakers = UInt32(clamping: speakers)
        message.inputSampleRate = UInt32(clamping: inputSampleRate)
        message.outputSampleRate = UInt32(clamping: outputSampleRate)
        message.outputSamplesPerFrame = UInt32(clamping: outputSamplesPerFrame)
        message.framesPerSecond = framesPerSecond
        message.vocabulary = UInt32(clamping: vocabulary)
        message.positionsMax = UInt32(clamping: positionsMax)
        return message
    }
}
