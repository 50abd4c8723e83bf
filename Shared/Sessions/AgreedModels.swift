public import Contracts

/// The facts of a codec and a generator that can work on one dialogue.
public struct AgreedModels: Equatable, Sendable {
    /// Of which a worker has to be there before a dialogue begins.
    public static let services: Set = ["codec", "generator"]

    public let codec: ModelFacts
    public let generator: ModelFacts

    /// Whether the codec decodes behind a reference made of the prompts' sound, as v0.7 does.
    var decodesBehindReference: Bool { codec.flavor == "v0.7" }

    /// Takes the first worker of each service, after all of them were found to agree: work goes to any of them.
    ///
    /// - Throws: `unavailable` naming the service of which there is no worker; `failedPrecondition` naming both workers
    ///   when their models do not fit each other, or the fact that one left out.
    public init(workers: [PeerDescription]) throws(CallError) {
        let codecs = workers.filter { $0.service == "codec" }
        let generators = workers.filter { $0.service == "generator" }
        guard let codec = codecs.first else { throw Self.missing("codec") }
        guard let generator = generators.first else { throw Self.missing("generator") }
        for worker in codecs {
            try Self.require(worker.model?.codebooks, "codebooks", of: worker)
            try Self.require(worker.model?.framesPerSecond, "frames per second", of: worker)
            try Self.require(worker.model?.outputSampleRate, "output sample rate", of: worker)
        }
        for worker in generators { try Self.require(worker.model?.channels, "channels", of: worker) }
        for other in codecs.dropFirst() {
            try Self.compare(codec, other, "codec hash", \.codecHash)
            try Self.compare(codec, other, "version", \.flavor)
        }
        for other in generators.dropFirst() {
            try Self.compare(generator, other, "language model hash", \.languageModelHash)
            try Self.compare(generator, other, "precision", \.precision)
        }
        try Self.compare(codec, generator, "codebooks", \.codebooks)
        try Self.compare(codec, generator, "channels", \.channels)
        self.codec = codec.model ?? ModelFacts()
        self.generator = generator.model ?? ModelFacts()
    }

    static func missing(_ service: String) -> CallError {
        CallError(
            .unavailable, "no \(service) worker is known to this gateway; start colloquy-\(service)",
            details: ["service": service])
    }

    private static func require<Value: Comparable & ExpressibleByIntegerLiteral>(
        _ value: Value?, _ fact: String, of worker: PeerDescription
    ) throws(CallError) {
        if let value, value > 0 { return }
        throw CallError(
            .failedPrecondition, "\(name(worker)) did not say the \(fact) of its model in HELLO",
            details: ["service": worker.service])
    }

    /// A fact that one of them leaves out is not compared: a generator need not know a codec's codebooks.
    private static func compare<Value: Equatable & LosslessStringConvertible>(
        _ first: PeerDescription, _ second: PeerDescription, _ fact: String, _ path: KeyPath<ModelFacts, Value>
    ) throws(CallError) {
        guard let one = first.model?[keyPath: path], let other = second.model?[keyPath: path] else { return }
        guard one != other, !["", "0"].contains("\(one)"), !["", "0"].contains("\(other)") else { return }
        throw CallError(
            .failedPrecondition,
            "\(name(first)) has \(fact) \(one) and \(name(second)) has \(fact) \(other); give both the same model",
            details: ["fact": fact, "services": "\(first.service), \(second.service)", "values": "\(one), \(other)"])
    }

    private static func name(_ worker: PeerDescription) -> String {
        "the \(worker.service) worker (process \(worker.process) on \(worker.host), model "
            + "\(worker.model?.name ?? "unknown"))"
    }
}
