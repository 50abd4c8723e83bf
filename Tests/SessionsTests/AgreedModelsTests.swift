import Contracts
import Sessions
import Testing

@Suite struct AgreedModelsTests {
    private func error(_ workers: PeerDescription...) throws -> CallError {
        struct Agreed: Error {}
        do { _ = try AgreedModels(workers: workers) } catch { return error }
        throw Agreed()
    }

    @Test func takesWorkersThatFitEachOther() throws {
        let models = try AgreedModels(
            workers: [
                SampleDialogue.worker("generator"), SampleDialogue.worker("voices") { $0 = ModelFacts() },
                SampleDialogue.worker("codec"), SampleDialogue.worker("codec", process: 2),
            ])
        #expect(models.codec.codecHash == "c0dec")
        #expect(models.generator.languageModelHash == "1a")
    }

    @Test func namesTheServiceThatIsMissing() throws {
        let noCodec = try error(SampleDialogue.worker("generator"))
        #expect(noCodec.code == .unavailable)
        #expect(noCodec.details == ["service": "codec"])
        #expect(try error(SampleDialogue.worker("codec")).details == ["service": "generator"])
    }

    /// Otherwise codes of one model would be read as another's, which is noise without an error.
    @Test func refusesACodecAndAGeneratorOfDifferentModelsAndNamesBoth() throws {
        for change in [{ @Sendable in $0.codebooks = 16 }, { $0.channels = 17 }]
            as [@Sendable (inout ModelFacts) -> Void]
        {
            let error = try error(
                SampleDialogue.worker("codec", process: 41), SampleDialogue.worker("generator", process: 42, change))
            #expect(error.code == .failedPrecondition)
            #expect(!error.retryable)
            #expect(error.message.contains("codec worker (process 41"))
            #expect(error.message.contains("generator worker (process 42"))
        }
    }

    /// Work goes to any of them, so that all have to be alike.
    @Test func refusesTwoWorkersOfAServiceThatDiffer() throws {
        let codecs = try error(
            SampleDialogue.worker("codec"), SampleDialogue.worker("codec", process: 2) { $0.codecHash = "other" },
            SampleDialogue.worker("generator"))
        #expect(codecs.message.contains("codec hash c0dec") && codecs.message.contains("codec hash other"))
        let generators = try error(
            SampleDialogue.worker("codec"), SampleDialogue.worker("generator"),
            SampleDialogue.worker("generator", process: 2) { $0.languageModelHash = "2b" })
        #expect(generators.code == .failedPrecondition)
    }

    @Test func refusesACodecThatDoesNotSayWhatIsNeeded() throws {
        for (fact, change) in [
            ("frames per second", { @Sendable in $0.framesPerSecond = 0 }),
            ("output sample rate", { $0.outputSampleRate = 0 }), ("codebooks", { $0.codebooks = 0 }),
        ] as [(String, @Sendable (inout ModelFacts) -> Void)] {
            let error = try error(SampleDialogue.worker("codec", change), SampleDialogue.worker("generator"))
            #expect(error.code == .failedPrecondition)
            #expect(error.message.contains(fact))
        }
    }

    /// A generator knows nothing of sound.
    @Test func comparesOnlyWhatBothSay() throws {
        let generator = SampleDialogue.worker("generator") {
            $0.codebooks = 0
            $0.framesPerSecond = 0
            $0.outputSampleRate = 0
            $0.codecHash = ""
        }
        #expect(throws: Never.self) { try AgreedModels(workers: [SampleDialogue.worker("codec"), generator]) }
    }
}
