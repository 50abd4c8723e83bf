public import Contracts
import Tokens

/// The life of one dialogue, from its request to its last sample. It is told what happened and says what to do; calls,
/// clocks and credit are its shell's (Services/Gateway).
///
/// The decoder is started with the first frames, never before: a session that holds a decoder's slot then always has
/// its generator's slot too, so that no two sessions can wait for each other's.
public struct SpeakSession: Sendable {
    /// The seed of this dialogue: the request's, or the chosen one.
    public let seed: UInt64
    private let request: SpeakRequest
    private let models: AgreedModels
    private let cast: Cast
    /// Children that run; a cancelled one does not.
    private(set) var running: Set<Child> = []
    public private(set) var hasEnded = false
    private var stage = SpeakItem.Stage.voices
    private var askedForCodes = false
    /// Names the cast for `storeCodes`, when its codes are to be kept.
    private var storeKey: String?
    private var built: BuildPromptResponse?
    private var generated: GenerateResponse?
    private var decoderStarted = false
    private var frames: FrameRelay
    private var sound: SoundRelay

    /// - Parameter chosenSeed: Random; taken when the request has none.
    /// - Throws: `invalidArgument` for speakers that this model cannot have.
    public init(_ request: SpeakRequest, models: AgreedModels, chosenSeed: UInt64) throws(CallError) {
        self.request = request
        self.models = models
        seed = request.seed ?? chosenSeed
        cast = try Cast(request.speakers, speakersMax: models.codec.speakers)
        frames = FrameRelay(codebooks: models.codec.codebooks)
        sound = SoundRelay(
            sampleRate: models.codec.outputSampleRate, framesPerSecond: models.codec.framesPerSecond)
    }

    /// Frames that a generator may make for this request; nil leaves it to the model.
    var framesMax: Int? {
        request.secondsMax.map {
            let frames = ($0 * models.codec.framesPerSecond).rounded(.up)
            return Int(max(1, min(frames, Double(ContractLimits.framesMax))))
        }
    }

    /// The first directives. Called once.
    public mutating func start() -> [Directive] {
        var directives: [Directive]
        if cast.voices.isEmpty {
            directives = tryBuilding(with: nil)
        } else {
            // Kept codes belong to a cast as a whole; where some prompts are the request's own, sound is needed.
            directives = [askVoices(forCodes: cast.isAllFromLibrary)]
        }
        return directives + advance(at: .zero)
    }

    /// Without `forCodes` the library sends the sound of the prompts, because no codec has an empty hash.
    private mutating func askVoices(forCodes: Bool) -> Directive {
        running.insert(.voices)
        askedForCodes = forCodes
        return .askVoices(
            PromptsRequest(
                voices: cast.voices, codecHash: forCodes ? models.codec.codecHash : "",
                silenceSeconds: request.silenceSeconds))
    }

    /// - Parameters:
    ///   - event: Told in the order in which it happened. After the end, and of a child that does not run, it is stale
    ///     and changes nothing.
    ///   - elapsed: Time since `start`.
    public mutating func handle(_ event: Event, at elapsed: Duration) -> [Directive] {
        guard !hasEnded else { return [] }
        switch event {
        case .promptsFetched(let answer):
            guard running.remove(.voices) != nil else { return [] }
            // Codes may be kept from a version that decodes without a reference; this one needs the sound to make one.
            let lacksReference = answer.codes != nil && answer.referenceCodes == nil && models.decodesBehindReference
            let next = lacksReference && askedForCodes ? [askVoices(forCodes: false)] : tryBuilding(with: answer)
            return next + advance(at: elapsed)
        case .promptBuilt(let answer):
            guard running.remove(.prompt) != nil else { return [] }
            return tryGenerating(from: answer) + advance(at: elapsed)
        case .codesStored:
            running.remove(.store)
        case .frames(let item):
            guard running.contains(.generator) else { return [] }
            do { try frames.take(item) } catch { return end(.generator, error) }
            let start = item.codes.frames > 0 && !decoderStarted ? [startDecoding()] : []
            return start + advance(at: elapsed)
        case .generated(let response):
            guard running.remove(.generator) != nil else { return [] }
            do { try frames.end(response) } catch { return end(.generator, error) }
            generated = response
        case .codesSent: frames.sendingDone()
        case .audio(let item):
            guard running.contains(.decoder) else { return [] }
            sound.take(item)
        case .decoded(let response):
            guard running.remove(.decoder) != nil else { return [] }
            guard frames.isFinished else {
                return end(.decoder, CallError(.internal, "the decoder ended before it had all codes"))
            }
            do { try sound.end(response, framesSent: frames.sent) } catch { return end(.decoder, error) }
        case .itemSent: sound.emittingDone()
        case .failed(.store, _):
            // Codes that are not kept are made again for the next dialogue; this one needs them no more.
            running.remove(.store)
        case .failed(let child, let error):
            guard running.remove(child) != nil else { return [] }
            return end(child, error)
        case .stopped(let error): return end(error)
        }
        return advance(at: elapsed)
    }

    private mutating func tryBuilding(with answer: PromptsResponse?) -> [Directive] {
        let prompts: [PromptSource]
        do { prompts = try cast.prompts(with: answer) } catch { return end(.voices, error) }
        if cast.isAllFromLibrary, let answer, answer.codes == nil { storeKey = answer.key }
        stage = .prompt
        running.insert(.prompt)
        return [
            .buildPrompt(
                BuildPromptRequest(
                    script: request.script, prompts: prompts, normalize: request.normalize,
                    silenceSeconds: request.silenceSeconds, codes: answer?.codes,
                    referenceCodes: answer?.referenceCodes))
        ]
    }

    private mutating func tryGenerating(from answer: BuildPromptResponse) -> [Directive] {
        guard answer.matrix.channels == models.generator.channels else {
            return end(
                .prompt,
                CallError(
                    .failedPrecondition,
                    "the codec made a matrix of \(answer.matrix.channels) channels and the generator reads "
                        + "\(models.generator.channels); give both the same model"))
        }
        var directives: [Directive] = []
        if let storeKey, let codes = answer.codes,
            answer.referenceCodes.map({ $0.codebooks == codes.codebooks }) ?? true
        {
            running.insert(.store)
            directives.append(
                .storeCodes(
                    StoreCodesRequest(
                        key: storeKey, codecHash: models.codec.codecHash, codes: codes,
                        referenceCodes: answer.referenceCodes)))
        }
        built = answer
        stage = .generate
        running.insert(.generator)
        directives.append(
            .startGenerate(
                GenerateRequest(
                    matrix: answer.matrix, seed: seed, greedy: request.greedy, sampling: request.sampling,
                    framesMax: framesMax)))
        return directives
    }

    private mutating func startDecoding() -> Directive {
        decoderStarted = true
        running.insert(.decoder)
        return .startDecode(
            DecodeRequest(
                codebooks: models.codec.codebooks, reference: built?.referenceCodes, delivery: request.delivery))
    }

    /// What the state allows now: the flow of frames and sound, and the end when all of it has passed.
    private mutating func advance(at elapsed: Duration) -> [Directive] {
        guard !hasEnded else { return [] }
        var directives: [Directive] = []
        if built != nil { directives += frames.advance(decoderRuns: decoderStarted) }
        directives += sound.advance(
            decoderRuns: decoderStarted, stage: stage, framesMade: frames.received, at: elapsed)
        // Keeping the codes was asked for before the first frame, and a worker that is lost is told within seconds.
        guard let generated, sound.isEmpty, sound.decoderEnded || !decoderStarted, !running.contains(.store), let built
        else { return directives }
        return directives + complete(built, generated, at: elapsed)
    }

    private mutating func complete(
        _ built: BuildPromptResponse, _ generated: GenerateResponse, at elapsed: Duration
    ) -> [Directive] {
        var response = SpeakResponse()
        response.seed = seed
        response.finish = generated.finish
        response.frames = frames.received
        response.samples = sound.received
        response.sampleRate = sound.sampleRate
        response.durationSeconds = Double(sound.received) / Double(sound.sampleRate)
        response.elapsedSeconds = elapsed / .seconds(1)
        response.text = built.text
        response.warnings = built.warnings
        if frames.received == 0 { response.warnings.append("the model ended the dialogue without a sound") }
        response.languageModelHash = models.generator.languageModelHash
        response.codecHash = models.codec.codecHash
        response.promptRows = built.matrix.rows
        response.prefillSeconds = generated.prefillSeconds
        response.decodeSeconds = generated.decodeSeconds
        return release() + [.complete(response)]
    }

    /// A child's error ends the session with the child's code, and says who failed at what.
    private mutating func end(_ child: Child, _ error: CallError) -> [Directive] {
        end(
            CallError(
                error.code, "while \(child.work) (\(child.service)): \(error.message)", retryable: error.retryable,
                details: error.details.merging(["stage": child.rawValue, "service": child.service]) { $1 }))
    }

    private mutating func end(_ error: CallError) -> [Directive] { release() + [.fail(error)] }

    private mutating func release() -> [Directive] {
        hasEnded = true
        defer { running = [] }
        return running.isEmpty ? [] : [.cancel(running.sorted())]
    }
}
