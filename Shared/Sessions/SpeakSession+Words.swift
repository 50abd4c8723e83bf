public import Contracts

extension SpeakSession {
    /// A call that the session makes and has to release.
    public enum Child: String, CaseIterable, Hashable, Comparable, Sendable {
        case voices
        case prompt
        case store
        case generator
        case decoder

        public var service: String {
            switch self {
            case .voices, .store: "voices"
            case .prompt, .decoder: "codec"
            case .generator: "generator"
            }
        }

        /// For people, after "while".
        var work: String {
            switch self {
            case .voices: "the voices were fetched"
            case .prompt: "the prompt was built"
            case .store: "the codes of the voices were kept"
            case .generator: "the speech was generated"
            case .decoder: "the sound was made"
            }
        }

        public static func < (one: Child, other: Child) -> Bool { one.rawValue < other.rawValue }
    }

    /// What happened.
    public enum Event: Equatable, Sendable {
        case promptsFetched(PromptsResponse)
        case promptBuilt(BuildPromptResponse)
        case codesStored
        /// Answers to `takeFrames`: more of them, or the end.
        case frames(FramesItem)
        case generated(GenerateResponse)
        /// The decoder took what `sendCodes` had for it.
        case codesSent
        /// Answers to `takeAudio`: more of it, or the end.
        case audio(AudioItem)
        case decoded(DecodeResponse)
        /// The client took what `emit` had for it.
        case itemSent
        case failed(Child, CallError)
        /// The client stopped it, went away, or has no time left.
        case stopped(CallError)
    }

    /// What to do about it, in this order.
    public enum Directive: Equatable, Sendable {
        case askVoices(PromptsRequest)
        case buildPrompt(BuildPromptRequest)
        case storeCodes(StoreCodesRequest)
        case startGenerate(GenerateRequest)
        case startDecode(DecodeRequest)
        /// Wait for the generator's next item, or for its response after the last.
        case takeFrames
        /// Send it when the decoder has credit, then tell `codesSent`.
        case sendCodes(CodesItem)
        /// There are no more codes.
        case finishCodes
        /// Wait for the decoder's next item, or for its response after the last.
        case takeAudio
        /// Send it when the client has credit, then tell `itemSent`.
        case emit(SpeakItem)
        /// Their work is for nobody any more.
        case cancel([Child])
        /// The last directive of a session: either of these, once.
        case complete(SpeakResponse)
        case fail(CallError)
    }
}
