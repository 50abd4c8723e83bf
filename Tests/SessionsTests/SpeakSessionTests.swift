import Contracts
import Sessions
import Testing
import Tokens

@Suite struct SpeakSessionTests {
    typealias Directive = SpeakSession.Directive

    private func session(
        _ request: SpeakRequest = SampleDialogue.request(), chosenSeed: UInt64 = 99, flavor: String = "v0.5"
    ) throws -> SpeakSession {
        try SpeakSession(request, models: try SampleDialogue.models(flavor: flavor), chosenSeed: chosenSeed)
    }

    private func answer(_ names: [String], codes: CodeMatrix? = nil, reference: CodeMatrix? = nil) -> PromptsResponse {
        PromptsResponse(
            voices: names.map(SampleDialogue.voice), audio: codes == nil ? names.map { Array($0.utf8) } : [],
            codes: codes, referenceCodes: reference, key: "cast")
    }

    private func error(of directives: [Directive]) throws -> CallError {
        struct None: Error {}
        guard case .fail(let error) = directives.last else { throw None() }
        return error
    }

    /// A session whose generator runs.
    private func generating(_ request: SpeakRequest = SampleDialogue.request()) throws -> SpeakSession {
        var session = try session(request)
        _ = session.start()
        _ = session.handle(.promptsFetched(answer(["anna", "david"])), at: .zero)
        _ = session.handle(.promptBuilt(SampleDialogue.built(codes: SampleDialogue.frames(0..<2))), at: .zero)
        return session
    }

    @Test func asksTheLibraryForTheWholeCastInSpeakerOrder() throws {
        var request = SampleDialogue.request()
        request.speakers.reverse()
        request.silenceSeconds = 0.5
        var session = try session(request)
        let directives = session.start()
        #expect(
            directives == [
                .askVoices(PromptsRequest(voices: ["anna", "david"], codecHash: "c0dec", silenceSeconds: 0.5)),
                .emit(SpeakItem(stage: .voices, framesMade: 0, secondsMade: 0)),
            ])
    }

    /// Sound travels only when the codes of the cast are not known.
    @Test func buildsThePromptFromKeptCodesWithoutSound() throws {
        let codes = SampleDialogue.frames(0..<4)
        let reference = SampleDialogue.frames(4..<6)
        var session = try session()
        _ = session.start()
        let directives = session.handle(
            .promptsFetched(answer(["anna", "david"], codes: codes, reference: reference)), at: .zero)
        #expect(
            directives == [
                .buildPrompt(
                    BuildPromptRequest(
                        script: "[S1]Hello.[S2]Hi.",
                        prompts: [
                            PromptSource(text: "anna says this.", speaker: 1, audio: nil),
                            PromptSource(text: "david says this.", speaker: 2, audio: nil),
                        ], codes: codes, referenceCodes: reference))
            ])
        let next = session.handle(.promptBuilt(SampleDialogue.built(codes: codes, reference: reference)), at: .zero)
        #expect(!next.contains { if case .storeCodes = $0 { true } else { false } }, "they are kept already")
    }

    @Test func keepsTheCodesThatACodecHadToMake() throws {
        var session = try session()
        _ = session.start()
        _ = session.handle(.promptsFetched(answer(["anna", "david"])), at: .zero)
        let codes = SampleDialogue.frames(0..<4)
        let directives = session.handle(
            .promptBuilt(SampleDialogue.built(codes: codes, reference: SampleDialogue.frames(1..<2))), at: .zero)
        let kept = StoreCodesRequest(
            key: "cast", codecHash: "c0dec", codes: codes, referenceCodes: SampleDialogue.frames(1..<2))
        #expect(directives.first == .storeCodes(kept))
    }

    /// v0.5 and v0.7 may share a codec, and the codes that v0.5 had kept have no reference for v0.7's decoder.
    @Test func fetchesSoundWhenTheKeptCodesHaveNoReferenceThatTheDecoderNeeds() throws {
        let codes = SampleDialogue.frames(0..<4)
        var session = try session(flavor: "v0.7")
        _ = session.start()
        let again = session.handle(.promptsFetched(answer(["anna", "david"], codes: codes)), at: .zero)
        #expect(again == [.askVoices(PromptsRequest(voices: ["anna", "david"], codecHash: ""))])
        let built = session.handle(.promptsFetched(answer(["anna", "david"])), at: .zero)
        guard case .buildPrompt(let request) = built.first else { throw Unexpected() }
        #expect(request.codes == nil)
        #expect(request.prompts.map(\.audio) == [Array("anna".utf8), Array("david".utf8)])
        let answer = SampleDialogue.built(codes: codes, reference: SampleDialogue.frames(1..<2))
        let kept = session.handle(.promptBuilt(answer), at: .zero).first
        guard case .storeCodes(let stored) = kept else { throw Unexpected() }
        #expect(stored.referenceCodes == SampleDialogue.frames(1..<2))
    }

    @Test func usesKeptCodesWithTheirReference() throws {
        let codes = SampleDialogue.frames(0..<4)
        var session = try session(flavor: "v0.7")
        _ = session.start()
        let directives = session.handle(
            .promptsFetched(answer(["anna", "david"], codes: codes, reference: codes)), at: .zero)
        guard case .buildPrompt(let request) = directives.first else { throw Unexpected() }
        #expect(request.referenceCodes == codes)
    }

    /// Whether its codes could be kept changes nothing for this dialogue.
    @Test func goesOnWhenTheLibraryCannotKeepTheCodes() throws {
        var session = try generating()
        #expect(session.handle(.failed(.store, CallError(.unavailable, "lost")), at: .zero) == [])
        #expect(!session.hasEnded)
    }

    /// A prompt of one's own belongs to its request: nothing of such a cast is kept, and the library sends its sound.
    @Test func fetchesSoundForACastThatIsNotAllFromTheLibrary() throws {
        var request = SampleDialogue.request()
        request.speakers = [
            SpeakerSource(number: 2, source: .voice("david")),
            SpeakerSource(number: 1, source: .prompt(audio: [9], text: "mine")),
        ]
        var session = try session(request)
        #expect(session.start().first == .askVoices(PromptsRequest(voices: ["david"], codecHash: "")))
        let directives = session.handle(.promptsFetched(answer(["david"])), at: .zero)
        #expect(
            directives.first
                == .buildPrompt(
                    BuildPromptRequest(
                        script: request.script,
                        prompts: [
                            PromptSource(text: "mine", speaker: 1, audio: [9]),
                            PromptSource(text: "david says this.", speaker: 2, audio: Array("david".utf8)),
                        ])))
        let next = session.handle(.promptBuilt(SampleDialogue.built(codes: SampleDialogue.frames(0..<2))), at: .zero)
        #expect(!next.contains { if case .storeCodes = $0 { true } else { false } })
    }

    @Test func needsNoLibraryForPromptsOfTheRequestOrNone() throws {
        var request = SampleDialogue.request()
        request.speakers = [SpeakerSource(number: nil, source: .prompt(audio: [9], text: "[S1]a[S2]b"))]
        var both = try session(request)
        let prompt = PromptSource(text: "[S1]a[S2]b", speaker: nil, audio: [9])
        #expect(both.start().first == .buildPrompt(BuildPromptRequest(script: request.script, prompts: [prompt])))
        request.speakers = []
        var none = try session(request)
        #expect(none.start().first == .buildPrompt(BuildPromptRequest(script: request.script, prompts: [])))
    }

    @Test func refusesCastsThatCannotBe() throws {
        let own = SpeakerSource.Source.prompt(audio: [1], text: "t")
        for (numbers, says) in [
            ([1, 1], "S1 is given twice"), ([0], "S0 is none"), ([4], "S1 to S3"), ([nil, 1], "stands beside 1 more"),
        ] as [([Int?], String)] {
            var request = SampleDialogue.request()
            request.speakers = numbers.map { SpeakerSource(number: $0, source: own) }
            #expect {
                try session(request)
            } throws: {
                ($0 as? CallError)?.code == .invalidArgument && "\($0)".contains(says)
            }
        }
    }

    @Test func passesOnEverythingThatShapesTheSpeech() throws {
        var request = SampleDialogue.request(voices: [])
        request.greedy = true
        request.sampling = SamplingOverrides(temperature: 0.5, topK: 3)
        request.normalize = false
        request.secondsMax = 1.23
        request.delivery = .early
        var session = try session(request)
        guard case .buildPrompt(let prompt) = session.start().first else { throw Unexpected() }
        #expect(prompt.normalize == false)
        let built = SampleDialogue.built()
        let directives = session.handle(.promptBuilt(built), at: .zero)
        // 1.23 s at this model's 10 frames a second is a little over 12 frames.
        let expected = GenerateRequest(
            matrix: built.matrix, seed: 5, greedy: true, sampling: request.sampling, framesMax: 13)
        #expect(directives.first == .startGenerate(expected))
        let first = session.handle(
            .frames(FramesItem(codes: SampleDialogue.frames(0..<1), firstFrame: 0)), at: .zero)
        #expect(first.first == .startDecode(DecodeRequest(codebooks: SampleDialogue.codebooks, delivery: .early)))
    }

    @Test func choosesASeedOnlyWhenNoneIsGivenAndTellsIt() throws {
        var request = SampleDialogue.request(voices: [])
        request.seed = nil
        #expect(try session(request, chosenSeed: 99).seed == 99)
        request.seed = 0
        #expect(try session(request, chosenSeed: 99).seed == 0)
    }

    @Test func tellsWhatWasMadeWhenItIsComplete() throws {
        var session = try generating()
        _ = session.handle(.codesStored, at: .zero)
        _ = session.handle(.itemSent, at: .zero)
        _ = session.handle(.frames(FramesItem(codes: SampleDialogue.frames(0..<3), firstFrame: 0)), at: .zero)
        _ = session.handle(.codesSent, at: .zero)
        _ = session.handle(.audio(AudioItem(samples: Array(repeating: 0.5, count: 25))), at: .zero)
        _ = session.handle(.generated(SampleDialogue.generated(3)), at: .zero)
        _ = session.handle(.decoded(DecodeResponse(frames: 3, samples: 25, sampleRate: 50)), at: .zero)
        var directives: [Directive] = []
        for _ in 0..<3 where !session.hasEnded { directives += session.handle(.itemSent, at: .seconds(2)) }
        guard case .complete(let response) = directives.last else { throw Unexpected() }
        #expect(response.seed == 5)
        #expect(response.frames == 3)
        #expect(response.samples == 25)
        #expect(response.durationSeconds == 0.5)
        #expect(response.elapsedSeconds == 2)
        #expect(response.text == "as read")
        #expect(response.warnings == ["a warning"])
        #expect(response.promptRows == 5)
        #expect(response.codecHash == "c0dec")
        #expect(response.languageModelHash == "1a")
        #expect(response.prefillSeconds == 0.25)
        #expect(response.finish == .endOfSpeech)
    }

    @Test func completesWithAWarningWhenTheModelSaysNothing() throws {
        var session = try generating(SampleDialogue.request())
        _ = session.handle(.itemSent, at: .zero)
        var directives = session.handle(.generated(SampleDialogue.generated(0)), at: .zero)
        directives += session.handle(.itemSent, at: .zero)
        #expect(!session.hasEnded, "the codes of its voices are being kept")
        directives += session.handle(.codesStored, at: .zero)
        guard case .complete(let response) = directives.last else { throw Unexpected() }
        #expect(response.samples == 0)
        #expect(response.warnings.last == "the model ended the dialogue without a sound")
    }

    /// The child's code survives, so that a client can act on it; who failed at what is told beside it.
    @Test(arguments: [SpeakSession.Child.generator, .decoder])
    func endsWithTheErrorOfTheChildThatFailed(child: SpeakSession.Child) throws {
        var session = try generating()
        _ = session.handle(.frames(FramesItem(codes: SampleDialogue.frames(0..<3), firstFrame: 0)), at: .zero)
        let lost = CallError(.unavailable, "the worker was lost", details: ["worker": "7"])
        let directives = session.handle(.failed(child, lost), at: .zero)
        let others: [SpeakSession.Child] = child == .generator ? [.decoder, .store] : [.generator, .store]
        #expect(directives.first == .cancel(others))
        let error = try error(of: directives)
        #expect(error.code == .unavailable)
        #expect(error.retryable)
        #expect(error.details == ["worker": "7", "stage": child.rawValue, "service": child.service])
        #expect(error.message.contains(child.service) && error.message.contains("the worker was lost"))
    }

    /// What a worker gets wrong is told as its fault, not played.
    @Test func endsWhenAWorkerBreaksItsPromise() throws {
        func expectInternal(_ session: SpeakSession, _ events: SpeakSession.Event...) throws {
            var session = session
            var directives: [Directive] = []
            for event in events { directives += session.handle(event, at: .zero) }
            #expect(try error(of: directives).code == .internal, "\(events)")
        }
        let first = SpeakSession.Event.frames(FramesItem(codes: SampleDialogue.frames(0..<3), firstFrame: 0))
        let sound = SpeakSession.Event.audio(AudioItem(samples: [1, 2]))
        let all = SpeakSession.Event.generated(SampleDialogue.generated(3))
        let fresh = try generating()
        try expectInternal(fresh, .frames(FramesItem(codes: SampleDialogue.frames(0..<3), firstFrame: 1)))
        try expectInternal(fresh, first, first)
        let wide = CodeMatrix(codebooks: 4, codes: [1, 2, 3, 4])
        try expectInternal(fresh, .frames(FramesItem(codes: wide, firstFrame: 0)))
        try expectInternal(fresh, first, .generated(SampleDialogue.generated(4)))
        try expectInternal(fresh, first, .decoded(DecodeResponse(frames: 3, samples: 0, sampleRate: 50)))
        func decoded(_ frames: Int, _ samples: Int, _ rate: Int) -> SpeakSession.Event {
            .decoded(DecodeResponse(frames: frames, samples: samples, sampleRate: rate))
        }
        for wrong in [decoded(2, 2, 50), decoded(3, 3, 50), decoded(3, 2, 51)] {
            try expectInternal(fresh, first, .codesSent, sound, all, wrong)
        }
    }

    @Test func refusesAMatrixThatTheGeneratorCannotRead() throws {
        var session = try session(SampleDialogue.request(voices: []))
        _ = session.start()
        let directives = session.handle(.promptBuilt(SampleDialogue.built(channels: 9)), at: .zero)
        let error = try error(of: directives)
        #expect(error.code == .failedPrecondition)
        #expect(error.message.contains("9 channels") && error.message.contains("reads 4"))
    }

    @Test func refusesAnAnswerForOtherVoices() throws {
        for wrong in [answer(["anna"]), answer(["a", "b", "c"])] {
            var session = try session()
            _ = session.start()
            let directives = session.handle(.promptsFetched(wrong), at: .zero)
            #expect(try error(of: directives).code == .internal)
        }
    }

    private struct Unexpected: Error {}
}
