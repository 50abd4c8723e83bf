package import Contracts
package import Logging
import ServiceKit
package import VoiceLibrary
package import Wire

/// The methods of `voices`: a message becomes a call of the library, and its answer a message.
package struct VoiceHandlers: Sendable {
    private let library: VoiceLibrary
    private let codec: any PromptEncoder
    private let logger: Logger

    package init(library: VoiceLibrary, codec: any PromptEncoder, logger: Logger) {
        self.library = library
        self.codec = codec
        self.logger = logger
    }

    package var methods: MethodTable {
        var methods = MethodTable()
        methods.on(Methods.addVoice) { request, context in
            let options = CallOptions(
                budget: context.budgetLeft, tenant: context.tenant, traceparent: context.traceparent)
            return try await answer(Methods.addVoice.name) { try await add(request, options: options) }
        }
        methods.on(Methods.getVoice) { request, _ in
            try await answer(Methods.getVoice.name) { try await get(request) }
        }
        methods.on(Methods.listVoices) { request, _ in
            try await answer(Methods.listVoices.name) { try await list(request) }
        }
        methods.on(Methods.renameVoice) { request, _ in
            try await answer(Methods.renameVoice.name) { try await rename(request) }
        }
        methods.on(Methods.removeVoice) { request, _ in
            try await answer(Methods.removeVoice.name) { try await remove(request) }
        }
        methods.on(Methods.prompts) { request, _ in
            try await answer(Methods.prompts.name) { try await prompts(request) }
        }
        methods.on(Methods.storeCodes) { request, _ in
            try await answer(Methods.storeCodes.name) { try await storeCodes(request) }
        }
        return methods
    }

    /// A codec hears the prompt before the voice exists, so every voice can be spoken with.
    package func add(_ request: AddVoiceRequest, options: CallOptions) async throws -> VoiceResponse {
        try await library.checkAddable(
            name: request.name, transcript: request.transcript, language: request.language, audio: request.audio,
            replacing: request.replace)
        // An hour of music should not keep a codec busy to be refused afterwards.
        let duration = try await BlockingWork.run { try PromptFacts(of: request.audio).durationSeconds }
        try PromptSuitability.check(durationSeconds: duration)
        let heard = try await codec.encode(request.audio, options: options)
        let warnings = try PromptSuitability.check(
            durationSeconds: heard.durationSeconds, peak: heard.peak, rms: heard.rms)
        let voice = try await library.add(
            NewVoice(
                name: request.name, transcript: request.transcript, language: request.language, audio: request.audio,
                durationSeconds: heard.durationSeconds, sampleRate: heard.sampleRate,
                codes: EncodedPrompt(codecHash: heard.codecHash, codes: heard.codes)),
            replacing: request.replace)
        return VoiceResponse(voice: VoiceSummary(voice), warnings: warnings)
    }

    package func get(_ request: VoiceRequest) async throws -> VoiceResponse {
        VoiceResponse(voice: VoiceSummary(try await library.voice(request.voice)))
    }

    package func list(_ request: ListVoicesRequest) async throws -> ListVoicesResponse {
        let page = try await library.voices(
            count: request.limit, after: request.after.isEmpty ? nil : request.after, search: request.search)
        return ListVoicesResponse(voices: page.voices.map(VoiceSummary.init), next: page.next)
    }

    package func rename(_ request: RenameVoiceRequest) async throws -> VoiceResponse {
        VoiceResponse(voice: VoiceSummary(try await library.rename(request.voice, to: request.name)))
    }

    package func remove(_ request: VoiceRequest) async throws -> VoiceResponse {
        VoiceResponse(voice: VoiceSummary(try await library.remove(request.voice)))
    }

    package func prompts(_ request: PromptsRequest) async throws -> PromptsResponse {
        let cast = try await library.prompts(
            of: request.voices, codecHash: request.codecHash.isEmpty ? nil : request.codecHash,
            silenceSeconds: request.silenceSeconds)
        return PromptsResponse(
            voices: cast.voices.map(VoiceSummary.init), audio: cast.audio, codes: cast.codes?.joined,
            referenceCodes: cast.codes?.reference, key: cast.key)
    }

    package func storeCodes(_ request: StoreCodesRequest) async throws -> Done {
        try await library.store(
            CastCodes(joined: request.codes, reference: request.referenceCodes), key: request.key,
            codecHash: request.codecHash)
        return Done()
    }

    /// Callers are told what concerns them; what concerns the file is told to whoever runs the service.
    package func answer<Response: Sendable>(_ method: String, _ work: () async throws -> Response)
        async throws(CallError)
        -> Response
    {
        try await answering {
            do {
                return try await work()
            } catch let error as VoiceLibraryError where error.concernsTheFile {
                logger.error("\(error)", metadata: ["method": "\(method)"])
                throw error
            }
        }
    }
}

extension VoiceSummary {
    init(_ voice: Voice) {
        self.init()
        id = voice.id
        name = voice.name
        transcript = voice.transcript
        language = voice.language
        audioHash = voice.audioHash
        audioBytes = voice.audioBytes
        durationSeconds = voice.durationSeconds
        sampleRate = voice.sampleRate
        createdAt = voice.createdAt
        updatedAt = voice.updatedAt
        codecHashes = voice.codecHashes
        builtin = voice.isBuiltin
    }
}
