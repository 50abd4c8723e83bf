import Contracts
import TestSupport
import Testing
import Tokens

/// A message of each type, every field off its default, so that a field that is lost on the way is seen.
enum Samples {
    static let codes = CodeMatrix(codebooks: 3, codes: [1, 2, 3, 1023, 0, 65535])
    static let grid = TokenGrid(channels: 2, ids: [0, -1, 152_694, .max, .min, 7])

    static var facts: ModelFacts {
        var facts = ModelFacts()
        facts.name = "demo"
        facts.flavor = "v0.7"
        facts.precision = "bf16"
        facts.device = "cpu"
        facts.languageModelHash = "aa"
        facts.codecHash = "bb"
        facts.tokenizerHash = "cc"
        facts.channels = 8
        facts.codebooks = 8
        facts.codebookSize = 1024
        facts.speakers = 2
        facts.inputSampleRate = 16000
        facts.outputSampleRate = 24000
        facts.outputSamplesPerFrame = 1920
        facts.framesPerSecond = 12.5
        facts.vocabulary = 152_697
        facts.positionsMax = 32768
        return facts
    }

    static var peer: PeerDescription {
        PeerDescription(
            service: "codec", software: "1.0", instance: Array(0..<16), process: 4711, host: "box", slots: 3,
            methods: ["codec.Encode"], model: facts)
    }

    static var voice: VoiceSummary {
        var voice = VoiceSummary()
        voice.id = "0123"
        voice.name = "爱丽丝"
        voice.transcript = "hello"
        voice.language = "zh"
        voice.audioHash = "dd"
        voice.audioBytes = 5
        voice.durationSeconds = 1.5
        voice.sampleRate = 44100
        voice.createdAt = "2026-01-01T00:00:00Z"
        voice.updatedAt = "2026-01-02T00:00:00Z"
        voice.codecHashes = ["bb"]
        voice.builtin = true
        return voice
    }

    static var speak: SpeakRequest {
        var request = SpeakRequest(
            script: "[S1]Hi.",
            speakers: [
                SpeakerSource(number: 1, source: .voice("alice")),
                SpeakerSource(number: 2, source: .prompt(audio: [1, 2, 3], text: "yes")),
                SpeakerSource(number: nil, source: .prompt(audio: [9], text: "[S1]a[S2]b")),
            ], seed: 0)
        request.greedy = true
        request.sampling = SamplingOverrides(temperature: 0.5, topK: 7, topP: 0.25, repetitionPenalty: 1.5)
        request.normalize = false
        request.silenceSeconds = 0.5
        request.secondsMax = 20
        request.delivery = .early
        return request
    }

    static var spoken: SpeakResponse {
        var response = SpeakResponse()
        response.seed = .max
        response.finish = .framesMax
        response.frames = 4
        response.samples = 5
        response.sampleRate = 6
        response.durationSeconds = 7
        response.elapsedSeconds = 8
        response.text = "t"
        response.warnings = ["w"]
        response.languageModelHash = "l"
        response.codecHash = "c"
        response.promptRows = 9
        response.prefillSeconds = 10
        response.decodeSeconds = 11
        return response
    }

    static var status: StatusResponse {
        var worker = WorkerStatus()
        worker.service = "codec"
        worker.instance = "ff"
        worker.process = 1
        worker.host = "h"
        worker.slots = 2
        worker.running = 3
        worker.software = "s"
        worker.model = "m"
        worker.precision = "f32"
        worker.device = "cpu"
        worker.upSeconds = 4
        worker.methods = ["codec.Encode"]
        var status = StatusResponse()
        status.software = "s"
        status.process = 5
        status.upSeconds = 6
        status.workers = [worker]
        status.sessions = 7
        status.missing = ["voices"]
        return status
    }

    /// Each message with its own door, which is called with other bytes by the tests below.
    static let all: [Sample] = [
        Sample(TokenizeRequest(text: "héllo")), Sample(TokenizeResponse(ids: [1, -2])),
        Sample(DetokenizeRequest(ids: [3], skipSpecial: true)), Sample(DetokenizeResponse(text: "x")),
        Sample(EncodeRequest(audio: [1, 2, 3])),
        Sample(
            EncodeResponse(
                codes: codes, durationSeconds: 1, sampleRate: 2, channels: 3, peak: 0.5, rms: 0.25, codecHash: "h")),
        Sample(DecodeRequest(codebooks: 3, reference: codes, delivery: .early)), Sample(CodesItem(codes: codes)),
        Sample(AudioItem(samples: [0, -1, 0.5, .leastNonzeroMagnitude])),
        Sample(DecodeResponse(frames: 1, samples: 2, sampleRate: 3)),
        Sample(
            BuildPromptRequest(
                script: "[S1]a",
                prompts: [
                    PromptSource(text: "b", speaker: 1, audio: [4, 5]),
                    PromptSource(text: "c", speaker: nil, audio: nil),
                ], normalize: true, silenceSeconds: 0.1, codes: codes, referenceCodes: codes)),
        Sample(
            BuildPromptResponse(
                matrix: grid, codes: codes, referenceCodes: codes, text: "t", warnings: ["w"], scriptTokens: 4)),
        Sample(
            GenerateRequest(
                matrix: grid, seed: .max, greedy: true,
                sampling: SamplingOverrides(temperature: 0.5, topK: 7, topP: 0.25, repetitionPenalty: 1.5),
                framesMax: 9)),
        Sample(FramesItem(codes: codes, firstFrame: 11)),
        Sample(
            GenerateResponse(finish: .endOfSpeech, frames: 1, steps: 2, prefillSeconds: 3, decodeSeconds: 4)),
        Sample(AddVoiceRequest(name: "n", transcript: "t", language: "en", audio: [1], replace: true)),
        Sample(VoiceResponse(voice: voice, warnings: ["It is quiet."])), Sample(VoiceRequest(voice: "n")),
        Sample(RenameVoiceRequest(voice: "n", name: "m")), Sample(ListVoicesRequest(limit: 7, after: "a", search: "b")),
        Sample(ListVoicesResponse(voices: [voice], next: "n")),
        Sample(PromptsRequest(voices: ["a", "b"], codecHash: "h", silenceSeconds: 0.5)),
        Sample(
            PromptsResponse(
                voices: [voice, voice], audio: [[1], [2, 3]], codes: codes, referenceCodes: codes, key: "k")),
        Sample(StoreCodesRequest(key: "k", codecHash: "h", codes: codes, referenceCodes: codes)),
        Sample(speak),
        Sample(SpeakItem(stage: .generate, framesMade: 3, secondsMade: 0.24, samples: [0.5], sampleRate: 16000)),
        Sample(spoken), Sample(status), Sample(peer),
    ]

    struct Sample: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let body: MessageBody
        /// Whether the door, given the sample's own bytes, gives the sample back.
        let survives: @Sendable () throws -> Bool
        let open: @Sendable (MessageBody) throws(CallError) -> Void

        init<Message: CheckedMessage & Equatable>(_ message: Message) {
            testDescription = "\(Message.self)"
            body = message.encoded()
            survives = { try Message(message.encoded()) == message }
            open = { (body) throws(CallError) in _ = try Message(body) }
        }
    }
}

@Suite struct MessageTests {
    @Test(arguments: Samples.all) func comesBackAsItWasSent(sample: Samples.Sample) throws {
        #expect(try sample.survives())
    }

    @Test(arguments: Samples.all.filter { !$0.body.blobs.isEmpty })
    func refusesAMessageWhoseBlobsAreMissing(sample: Samples.Sample) {
        #expect(throws: CallError.self) { try sample.open(MessageBody(payload: sample.body.payload)) }
    }

    /// A sound file may have any length; an array has the length of its shape.
    static let arrays = Samples.all.filter {
        !["EncodeRequest", "AddVoiceRequest", "SpeakRequest"].contains($0.testDescription) && !$0.body.blobs.isEmpty
    }

    @Test(arguments: arrays) func refusesAnArrayShorterOrLongerThanItsShape(sample: Samples.Sample) {
        var shorter = sample.body
        shorter.blobs[shorter.blobs.count - 1].removeLast()
        var longer = sample.body
        longer.blobs[longer.blobs.count - 1].append(0)
        #expect(throws: CallError.self) { try sample.open(shorter) }
        #expect(throws: CallError.self) { try sample.open(longer) }
    }

    @Test(arguments: Samples.all) func neverTrapsOnDamagedBytes(sample: Samples.Sample) {
        var random = SeededRandom(seed: 11)
        for _ in 0..<400 {
            var damaged = sample.body
            for _ in 0..<Int.random(in: 1...4, using: &random) where !damaged.payload.isEmpty {
                let place = Int.random(in: 0..<damaged.payload.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: damaged.payload[place] = .random(in: 0...255, using: &random)
                case 1: damaged.payload.remove(at: place)
                default: damaged.payload.insert(.random(in: 0...255, using: &random), at: place)
                }
            }
            do {
                try sample.open(damaged)
            } catch {
                #expect(CallError.Code.known.contains(error.code))
            }
        }
    }
}

@Suite struct LimitTests {
    @Test func takesAScriptAtItsLimitAndRefusesOneByteMore() throws {
        let longest = String(repeating: "a", count: ContractLimits.scriptBytesMax)
        _ = try TokenizeRequest(TokenizeRequest(text: longest).encoded())
        let error = #expect(throws: CallError.self) {
            try TokenizeRequest(TokenizeRequest(text: longest + "a").encoded())
        }
        #expect(error?.code == .tooLarge)
    }

    @Test func takesAnItemAtItsLimitAndRefusesOneFrameMore() throws {
        func item(_ frames: Int) -> MessageBody {
            CodesItem(codes: CodeMatrix(codebooks: 1, codes: .init(repeating: 0, count: frames))).encoded()
        }
        _ = try CodesItem(item(ContractLimits.framesPerItemMax))
        let error = #expect(throws: CallError.self) { try CodesItem(item(ContractLimits.framesPerItemMax + 1)) }
        #expect(error?.code == .tooLarge)
    }

    @Test(arguments: [
        SamplingOverrides(temperature: 0), SamplingOverrides(temperature: .nan), SamplingOverrides(topP: 0),
        SamplingOverrides(topP: 1.5), SamplingOverrides(topK: 0), SamplingOverrides(repetitionPenalty: -1),
    ])
    func refusesSamplingThatMeansNothing(sampling: SamplingOverrides) {
        var request = Samples.speak
        request.sampling = sampling
        let error = #expect(throws: CallError.self) { try SpeakRequest(request.encoded()) }
        #expect(error?.code == .invalidArgument)
    }

    @Test(arguments: [-1.0, .nan, .infinity, SpeakRequest.secondsMaxAllowed * 2])
    func refusesALengthThatIsNone(seconds: Double) {
        var request = Samples.speak
        request.secondsMax = seconds
        #expect(throws: CallError.self) { try SpeakRequest(request.encoded()) }
    }

    /// The field stands once more behind the message: tag, length and text. The last one counts.
    @Test(arguments: [
        ("", SoundDelivery.settled), ("settled", .settled), ("early", .early), ("Early", nil), ("x", nil),
    ])
    func takesEachDeliveryAndNamesWhatIsAllowedBesides(name: String, delivery: SoundDelivery?) throws {
        func body(_ message: some CheckedMessage, tag: UInt8) -> MessageBody {
            var body = message.encoded()
            body.payload += [tag, UInt8(name.utf8.count)] + Array(name.utf8)
            return body
        }
        let speak = body(Samples.speak, tag: 9 << 3 | 2)
        let decode = body(DecodeRequest(codebooks: 3), tag: 3 << 3 | 2)
        if let delivery {
            #expect(try SpeakRequest(speak).delivery == delivery)
            #expect(try DecodeRequest(decode).delivery == delivery)
            return
        }
        for refused in [
            #expect(throws: CallError.self) { try SpeakRequest(speak) },
            #expect(throws: CallError.self) { try DecodeRequest(decode) },
        ] {
            #expect(refused?.code == .invalidArgument)
            #expect(refused?.details == ["field": "delivery"])
            #expect(refused?.message.contains("is \"\(name)\"; allowed is settled or early") == true)
        }
    }

    @Test func namesEachCodeAndEachMethodOnce() {
        #expect(Set(CallError.Code.known).count == CallError.Code.known.count)
        #expect(Set(Methods.names).count == Methods.names.count)
    }
}
