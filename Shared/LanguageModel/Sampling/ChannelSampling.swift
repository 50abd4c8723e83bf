public import Checkpoint

/// How the ids of one channel are chosen. A processor that is nil does not apply.
public struct ChannelSampling: Equatable, Sendable {
    /// Drawn at random; otherwise the id of the highest processed score is taken.
    public var drawsAtRandom: Bool
    /// Over 0: divides the positive and multiplies the negative scores of ids that the channel has had.
    public var repetitionPenalty: Double?
    /// Over 0: divides all scores.
    public var temperature: Double?
    /// At least 1: keeps the best so many, and all that are equal to the last of them.
    public var topK: Int?
    /// In 0...1: drops the least likely that together have at most `1 - topP`, but never the likeliest.
    public var topP: Double?

    public init(
        drawsAtRandom: Bool = true, repetitionPenalty: Double? = nil, temperature: Double? = nil, topK: Int? = nil,
        topP: Double? = nil
    ) {
        self.drawsAtRandom = drawsAtRandom
        self.repetitionPenalty = repetitionPenalty
        self.temperature = temperature
        self.topK = topK
        self.topP = topP
    }

    /// What the model's `generation_config.json` says, one per channel.
    ///
    /// - Parameter greedy: The highest processed score everywhere, whatever the file says.
    public static func perChannel(_ configuration: GenerationConfiguration, greedy: Bool = false) -> [ChannelSampling] {
        zip(configuration.channels, configuration.doSamples).map { channel, drawsAtRandom in
            ChannelSampling(
                drawsAtRandom: drawsAtRandom && !greedy, repetitionPenalty: channel.repetitionPenalty,
                temperature: channel.temperature, topK: channel.topK, topP: channel.topP)
        }
    }

    func check(_ channel: Int) throws(LanguageModelError) {
        func refuse(_ name: String, _ value: some CustomStringConvertible, _ allowed: String) -> LanguageModelError {
            .badField(name: "sampling[\(channel)].\(name)", value: value.description, allowed: allowed)
        }
        for (name, value) in [("repetitionPenalty", repetitionPenalty), ("temperature", temperature)] {
            guard let value else { continue }
            guard value.isFinite, value >= 1e-3, value <= 1e3 else { throw refuse(name, value, "0.001 to 1000") }
        }
        if let topK, topK < 1 { throw refuse("topK", topK, "1 and up") }
        if let topP, !(0...1).contains(topP) { throw refuse("topP", topP, "0 to 1") }
    }
}
