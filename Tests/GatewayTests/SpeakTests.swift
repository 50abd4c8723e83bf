import Contracts
import Synchronization
import Testing
import Tokens
import Wire

/// `dialogue.Speak` as a client of the ZeroMQ front hears it.
@Suite(.serialized) struct SpeakTests {
    private func request(_ voices: [String] = ["anna", "david"], secondsMax: Double? = nil) -> SpeakRequest {
        var request = SpeakRequest(
            script: "[S1]Hello.[S2]Hi.",
            speakers: voices.enumerated().map { SpeakerSource(number: $0.offset + 1, source: .voice($0.element)) },
            seed: 42)
        request.secondsMax = secondsMax
        return request
    }

    private func withSuite(_ suite: FakeSuite, _ body: (WireClient) async throws -> Void) async throws {
        do {
            let client = try await suite.client()
            try await body(client)
            await client.close()
        } catch {
            await suite.stop()
            throw error
        }
        await suite.stop()
    }

    private func hear(_ client: WireClient, _ request: SpeakRequest) async throws -> ([SpeakItem], SpeakResponse) {
        let call = await client.call(Methods.speak, request)
        var items: [SpeakItem] = []
        for try await item in call.items { items.append(item) }
        return (items, try await call.response())
    }

    @Test func turnsAScriptIntoSoundThroughAllServices() async throws {
        let suite = try FakeSuite()
        try await withSuite(suite) { client in
            let (items, response) = try await hear(client, request(secondsMax: 30))
            #expect(items.flatMap(\.samples) == FakeSuite.sound(frames: 300))
            #expect(items.allSatisfy { $0.samples.isEmpty || $0.sampleRate == 20 })
            #expect(items.map(\.framesMade) == items.map(\.framesMade).sorted())
            #expect(response.frames == 300)
            #expect(response.samples == 600)
            #expect(response.durationSeconds == 30)
            #expect(response.finish == .framesMax)
            #expect(response.seed == 42)
            #expect(response.text == "as read")
            #expect(response.codecHash == "c0dec")
            #expect(suite.notes.withLock { $0.generated.map(\.seed) } == [42])
        }
    }

    /// The gateway holds nothing back: what the codec lets go is heard, however little it is, and the codec has each frame
    /// before there is another.
    @Test func letsAListenerHearEachFrameBeforeTheNextIsMade() async throws {
        let gate = Gate()
        let suite = try FakeSuite(gate: gate)
        try await withSuite(suite) { client in
            var request = request(secondsMax: 0.5)
            request.delivery = .early
            let call = await client.call(Methods.speak, request)
            var heard: [Float] = []
            var frames = 0
            gate.open(times: 1)
            for try await item in call.items where !item.samples.isEmpty {
                heard += item.samples
                frames += 1
                #expect(heard == FakeSuite.sound(frames: frames))
                gate.open(times: 1)
            }
            #expect(frames == 5)
            #expect(try await call.response().durationSeconds == 0.5)
            #expect(suite.notes.withLock { $0.decoded.map(\.delivery) } == [.early])
        }
    }

    /// The second dialogue of a cast needs neither the sound of its prompts nor an encoder.
    @Test func usesTheCodesOfACastAgain() async throws {
        let suite = try FakeSuite()
        try await withSuite(suite) { client in
            _ = try await hear(client, request())
            _ = try await hear(client, request())
            let built = suite.notes.withLock { $0.built }
            #expect(built.map { $0.codes?.frames } == [nil, 3])
            #expect(built.map { $0.prompts.map(\.audio) } == [[Array("anna".utf8), Array("david".utf8)], [nil, nil]])
        }
    }

    @Test func tellsWhoFailedAtWhat() async throws {
        let suite = try FakeSuite()
        try await withSuite(suite) { client in
            suite.notes.withLock {
                $0.generatorFailure = CallError(.failedPrecondition, "no room", details: ["a": "b"])
            }
            await #expect {
                try await hear(client, request())
            } throws: { error in
                guard let error = error as? CallError else { return false }
                return error.code == .failedPrecondition && error.message.hasSuffix("no room")
                    && error.details == ["a": "b", "stage": "generator", "service": "generator"]
            }
            await #expect {
                try await hear(client, request(["nobody"]))
            } throws: { error in
                guard let error = error as? CallError else { return false }
                return error.code == .notFound && error.details["service"] == "voices"
            }
            var empty = request([])
            empty.script = ""
            await #expect {
                try await hear(client, empty)
            } throws: { error in
                guard let error = error as? CallError else { return false }
                return error.code == .invalidArgument && error.details["line"] == "1"
            }
            suite.notes.withLock { $0.generatorFailure = nil }
            let after = try await hear(client, request()).1
            #expect(after.frames == 5, "the next dialogue is not touched by it")
        }
    }

    /// A client that takes nothing still hears at once that its dialogue failed.
    @Test func tellsAFailureToAClientThatTakesNoItems() async throws {
        let suite = try FakeSuite()
        try await withSuite(suite) { client in
            suite.notes.withLock { $0.generatorFailure = CallError(.failedPrecondition, "no room") }
            let call = await client.call(Methods.speak, request(), options: CallOptions(itemCredit: 1))
            await #expect {
                try await call.response()
            } throws: {
                ($0 as? CallError)?.code == .failedPrecondition
            }
        }
    }

    /// A client that goes away takes its work with it.
    @Test func stopsTheWorkersWhenTheClientStops() async throws {
        let gate = Gate()
        let suite = try FakeSuite(gate: gate)
        try await withSuite(suite) { client in
            let call = await client.call(Methods.speak, request())
            await gate.waitForArrival()
            call.cancel()
            await gate.waitForStop()
            await #expect {
                try await call.response()
            } throws: {
                ($0 as? CallError)?.code == .cancelled
            }
            gate.remove()
            let after = try await hear(client, request()).1
            #expect(after.frames == 5)
        }
    }

    @Test func refusesMoreDialoguesThanItsLimit() async throws {
        let gate = Gate()
        let suite = try FakeSuite(sessionsMax: 1, sessionsWaitingMax: 0, gate: gate)
        try await withSuite(suite) { client in
            let first = await client.call(Methods.speak, request())
            await gate.waitForArrival()
            await #expect {
                try await hear(client, request())
            } throws: { error in
                guard let error = error as? CallError else { return false }
                return error.code == .overloaded && error.details["sessions_max"] == "1"
            }
            gate.open(times: 10)
            for try await _ in first.items {}
            #expect(try await first.response().frames == 5)
            let after = try await hear(client, request()).1
            #expect(after.frames == 5, "its place is free again")
        }
    }

    @Test func letsADialogueWaitForItsTurn() async throws {
        let gate = Gate()
        let suite = try FakeSuite(sessionsMax: 1, sessionsWaitingMax: 1, gate: gate)
        try await withSuite(suite) { client in
            let first = await client.call(Methods.speak, request())
            await gate.waitForArrival()
            async let second = hear(client, request())
            gate.open(times: 10)
            for try await _ in first.items {}
            #expect(try await first.response().frames == 5)
            let response = try await second.1
            #expect(response.frames == 5)
        }
    }

    @Test func refusesWorkersWhoseModelsDiffer() async throws {
        let suite = try FakeSuite(generatorChannels: 9)
        try await withSuite(suite) { client in
            await #expect {
                try await hear(client, request())
            } throws: { error in
                guard let error = error as? CallError else { return false }
                return error.code == .failedPrecondition && error.message.contains("codec worker")
                    && error.message.contains("generator worker") && error.message.contains("9")
            }
        }
    }

    @Test func namesTheServiceThatIsNotThere() async throws {
        let suite = try FakeSuite(services: ["codec", "voices"], appearWait: .milliseconds(1))
        try await withSuite(suite) { client in
            await #expect {
                try await hear(client, request())
            } throws: { error in
                guard let error = error as? CallError else { return false }
                return error.code == .unavailable && error.retryable
                    && ["codec", "generator"].contains(error.details["service"])
            }
        }
    }

    /// What is left behind would be in the way of the next gateway, or look like one.
    @Test func leavesNoFileBehindWhenItStops() async throws {
        let suite = try FakeSuite()
        try await withSuite(suite) { client in
            _ = try await hear(client, request())
            #expect(try suite.filesLeft().contains("g.sock"))
        }
        #expect(try suite.filesLeft() == [])
    }

    @Test func tellsItsStatus() async throws {
        let gate = Gate()
        let suite = try FakeSuite(services: ["codec", "generator"], gate: gate)
        try await withSuite(suite) { client in
            let call = await client.call(Methods.speak, request([]))
            await gate.waitForArrival()
            let status = try await client.ask(Methods.status, StatusRequest())
            #expect(status.sessions == 1)
            #expect(status.missing == ["voices"])
            #expect(Set(status.workers.map(\.service)) == ["codec", "generator"])
            let generator = try #require(status.workers.first { $0.service == "generator" })
            #expect(generator.running == 1)
            #expect(generator.slots == 4)
            #expect(generator.methods == ["generator.Generate"])
            #expect(generator.model == "fake")
            #expect(generator.instance.count == 32)
            call.cancel()
        }
    }
}
