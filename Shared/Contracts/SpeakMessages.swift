import SwiftProtobuf

/// Who speaks for a tag: a voice of the library, or a prompt of one's own.
public struct SpeakerSource: Equatable, Sendable {
    public enum Source: Equatable, Sendable {
        /// A voice of the library, by id or name.
        case voice(String)
        /// A sound file as it is, and its transcript (tagged where the file has several speakers).
        case prompt(audio: [UInt8], text: String)
    }

    /// 1 for `[S1]`; nil for one prompt with all speakers.
    public let number: Int?
    public let source: Source

    public init(number: Int?, source: Source) {
        self.number = number
        self.source = source
    }
}

/// `dialogue.Speak`: a script and its speakers become sound, as `SpeakItem`s.
public struct SpeakRequest: CheckedMessage, Equatable {
    public var script: String
    public var speakers: [SpeakerSource]
    /// Chosen and told when nil.
    public var seed: UInt64?
    public var greedy = false
    public var sampling = SamplingOverrides()
    /// nil: as the model's version does.
    public var normalize: Bool?
    /// Silence behind the joined prompts.
    public var silenceSeconds = 0.0
    /// Of sound; nil: the model's own limit.
    public var secondsMax: Double?
    public var delivery = SoundDelivery.settled

    /// Longest sound that one request may ask for, in seconds.
    public static let secondsMaxAllowed = 7200.0

    public init(script: String, speakers: [SpeakerSource], seed: UInt64? = nil) {
        self.script = script
        self.speakers = speakers
        self.seed = seed
    }

    public init(_ body: MessageBody) throws(CallError) {
        let message = try body.decode(DialogueSpeakRequest.self)
        guard message.speakers.count <= ContractLimits.promptsMax else {
            throw CallError(
                .tooLarge, "Speak.speakers: \(message.speakers.count); allowed are \(ContractLimits.promptsMax)")
        }
        var speakers: [SpeakerSource] = []
        for (index, speaker) in message.speakers.enumerated() {
            let field = "Speak.speakers[\(index)]"
            let source: SpeakerSource.Source
            if speaker.hasPrompt_p {
                source = .prompt(
                    audio: try Arrays.file(blob: speaker.promptBlob, of: body, field: "\(field).prompt"),
                    text: try Check.text(
                        speaker.promptText, bytesMax: ContractLimits.transcriptBytesMax, "\(field).prompt_text"))
            } else {
                source = .voice(try Check.voiceName(speaker.voice, "\(field).voice"))
            }
            speakers.append(
                SpeakerSource(number: speaker.number == 0 ? nil : Int(speaker.number), source: source))
        }
        script = try Check.text(message.script, bytesMax: ContractLimits.scriptBytesMax, "Speak.script")
        self.speakers = speakers
        seed = message.hasSeed ? message.seed : nil
        greedy = message.greedy
        sampling = try SamplingOverrides(
            temperature: message.sampling.hasTemperature ? message.sampling.temperature : nil,
            topK: message.sampling.hasTopK ? Int(message.sampling.topK) : nil,
            topP: message.sampling.hasTopP ? message.sampling.topP : nil,
            repetitionPenalty: message.sampling.hasRepetitionPenalty ? message.sampling.repetitionPenalty : nil
        ).checked()
        normalize = message.hasNormalize ? message.normalize : nil
        silenceSeconds = try Check.seconds(
            message.silenceSeconds, max: ContractLimits.silenceSecondsMax, "Speak.silence_seconds")
        let seconds = try Check.seconds(message.secondsMax, max: Self.secondsMaxAllowed, "Speak.seconds_max")
        secondsMax = seconds == 0 ? nil : seconds
        delivery = try SoundDelivery(message.delivery, field: "Speak.delivery")
    }

    public func encoded() -> MessageBody {
        var blobs = BlobWriter()
        let message = DialogueSpeakRequest.with { request in
            request.script = script
            for speaker in speakers {
                request.speakers.append(
                    DialogueSpeaker.with {
                        $0.number = UInt32(clamping: speaker.number ?? 0)
                        switch speaker.source {
                        case .voice(let name): $0.voice = name
                        case .prompt(let audio, let text):
                            $0.hasPrompt_p = true
                            $0.promptBlob = blobs.add(audio)
                            $0.promptText = text
                        }
                    })
            }
            if let seed { request.seed = seed }
            request.greedy = greedy
            request.sampling = DialogueSamplingOverrides.with {
                if let temperature = sampling.temperature { $0.temperature = temperature }
                if let topK = sampling.topK { $0.topK = UInt32(clamping: topK) }
                if let topP = sampling.topP { $0.topP = topP }
                if let penalty = sampling.repetitionPenalty { $0.repetitionPenalty = penalty }
            }
            if let normalize { request.normalize = normalize }
            request.silenceSeconds = silenceSeconds
            request.secondsMax = secondsMax ?? 0
            request.delivery = delivery.rawValue
        }
        return MessageBody(message, blobs: blobs.blobs)
    }
}

/// Sound, progress, or both.
public struct SpeakItem: CheckedMessage, Equatable {
    /// Where a dialogue stands.
    public struct Stage: RawRepresentable, Hashable, Sendable {
        public let rawValue: String

        public init(rawValue: String) { self.rawValue = rawValue }

        public static let voices = Stage(rawValue: "voices")
        public static let prompt = Stage(rawValue: "prompt")
        public static let generate = Stage(rawValue: "generate")
    }

    public let stage: Stage
    /// Frames that the generator has made so far.
    public let framesMade: Int
    /// Of sound, that `framesMade` come to.
    public let secondsMade: Double
    /// Mono sound that follows what came before; empty in an item of progress alone.
    public let samples: [Float]
    public let sampleRate: Int

    public init(
        stage: Stage, framesMade: Int, secondsMade: Double, samples: [Float] = [], sampleRate: Int = 0
    ) {
        self.stage = stage
        self.framesMade = framesMade
        self.secondsMade = secondsMade
        self.samples = samples
        self.sampleRate = sampleRate
    }

    public init(_ body: MessageBody) throws(CallError) {
        let message = try body.decode(DialogueSpeakItem.self)
        guard message.samples <= ContractLimits.samplesPerItemMax else {
            throw CallError(
                .tooLarge,
                "SpeakItem.samples: \(message.samples); allowed are \(ContractLimits.samplesPerItemMax)")
        }
        self.init(
            stage: Stage(rawValue: message.stage), framesMade: Int(clamping: message.framesMade),
            secondsMade: message.secondsMade,
            samples: message.hasSamples_p
                ? try Arrays.floats(
                    blob: message.samplesBlob, count: Int(message.samples), of: body, field: "SpeakItem.samples")
                : [],
            sampleRate: Int(message.sampleRate))
    }

    public func encoded() -> MessageBody {
        let message = DialogueSpeakItem.with {
            $0.stage = stage.rawValue
            $0.framesMade = UInt64(clamping: framesMade)
            $0.secondsMade = secondsMade
            $0.hasSamples_p = !samples.isEmpty
            $0.samples = UInt64(clamping: samples.count)
            $0.sampleRate = UInt32(clamping: sampleRate)
        }
        return MessageBody(message, blobs: samples.isEmpty ? [] : [Arrays.bytes(samples)])
    }
}

public struct SpeakResponse: CheckedMessage, Equatable {
    public var seed: UInt64 = 0
    public var finish = FinishReason.endOfSpeech
    public var frames = 0
    public var samples = 0
    public var sampleRate = 0
    /// Of the sound.
    public var durationSeconds = 0.0
    public var elapsedSeconds = 0.0
    /// As the model read it.
    public var text = ""
    public var warnings: [String] = []
    public var languageModelHash = ""
    public var codecHash = ""
    public var promptRows = 0
    public var prefillSeconds = 0.0
    public var decodeSeconds = 0.0

    public init() {}

    public init(_ body: MessageBody) throws(CallError) {
        let message = try body.decode(DialogueSpeakResponse.self)
        seed = message.seed
        finish = FinishReason(rawValue: message.finish)
        frames = Int(clamping: message.frames)
        samples = Int(clamping: message.samples)
        sampleRate = Int(message.sampleRate)
        durationSeconds = message.durationSeconds
        elapsedSeconds = message.elapsedSeconds
        text = message.text
        warnings = message.warnings
        languageModelHash = message.languageModelHash
        codecHash = message.codecHash
        promptRows = Int(message.promptRows)
        prefillSeconds = message.prefillSeconds
        decodeSeconds = message.decodeSeconds
    }

    public func encoded() -> MessageBody {
        MessageBody(
            DialogueSpeakResponse.with {
                $0.seed = seed
                $0.finish = finish.rawValue
                $0.frames = UInt64(clamping: frames)
                $0.samples = UInt64(clamping: samples)
                $0.sampleRate = UInt32(clamping: sampleRate)
                $0.durationSeconds = durationSeconds
                $0.elapsedSeconds = elapsedSeconds
                $0.text = text
                $0.warnings = warnings
                $0.languageModelHash = languageModelHash
                $0.codecHash = codecHash
                $0.promptRows = UInt32(clamping: promptRows)
                $0.prefillSeconds = prefillSeconds
                $0.decodeSeconds = decodeSeconds
            })
    }
}
