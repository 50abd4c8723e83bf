import Contracts
import Testing
import Wire

/// The answer to every wrong message, as a peer that speaks raw bytes gets it.
@Suite(.timeLimit(.minutes(5))) struct WrongMessageTests {
    struct Wrong: Sendable, CustomTestStringConvertible {
        let name: String
        let parts: [[UInt8]]
        let answer: CallError.Code
        var testDescription: String { name }
    }

    static let stream = [UInt8](repeating: 9, count: 16)

    static func wrong(
        _ name: String, _ envelope: Envelope, _ payload: [UInt8] = [], _ answer: CallError.Code = .malformed
    )
        -> Wrong
    {
        Wrong(name: name, parts: WireMessage(envelope, MessageBody(payload: payload)).parts, answer: answer)
    }

    static let cases: [Wrong] = [
        Wrong(name: "an empty envelope", parts: [[]], answer: .malformed),
        Wrong(name: "no protobuf", parts: [[0xFF, 0xFF, 0xFF]], answer: .malformed),
        Wrong(name: "another version", parts: [[8, 2, 16, 1]], answer: .unsupported),
        Wrong(name: "no version", parts: [[16, 1]], answer: .unsupported),
        Wrong(name: "an envelope over its limit", parts: [[UInt8](repeating: 0, count: 4097)], answer: .tooLarge),
        Wrong(name: "too many parts", parts: [[UInt8]](repeating: [8, 1, 16, 3], count: 65), answer: .tooLarge),
        Wrong(
            name: "a part over its limit", parts: [[8, 1, 16, 3], [UInt8](repeating: 0, count: 1025)], answer: .tooLarge
        ),
        Wrong(
            name: "a message over its limit",
            parts: [[8, 1, 16, 3]] + [[UInt8]](repeating: .init(repeating: 0, count: 1000), count: 5),
            answer: .tooLarge),
        wrong("a short stream id", Envelope(.request, stream: [1, 2, 3], method: "codec.Echo")),
        wrong("a request without a stream", Envelope(.request, method: "codec.Echo")),
        wrong("an item without a stream", Envelope(.item)),
        wrong("a method without a dot", Envelope(.request, stream: stream, method: "Echo")),
        wrong("a method without a service", Envelope(.request, stream: stream, method: ".Echo")),
        wrong("no method", Envelope(.request, stream: stream)),
        wrong(
            "a method's name over its limit",
            Envelope(.request, stream: stream, method: "codec." + String(repeating: "x", count: 300)), [], .tooLarge),
        wrong("more credit than allowed", Envelope(.request, stream: stream, method: "codec.Echo", credit: 257)),
        wrong("credit without bound", Envelope(.request, stream: stream, method: "codec.Echo", credit: .max)),
        wrong("HELLO without a body", Envelope(.hello)),
        wrong("HELLO with another's body", Envelope(.hello), [0xFF]),
        wrong("WELCOME from a peer", Envelope(.welcome)),
        wrong("an unknown kind", Envelope(.unknown(99), stream: stream), [], .unsupported),
        wrong("no kind", Envelope(.unknown(0), stream: stream), [], .unsupported),
        wrong("a heartbeat without HELLO", Envelope(.heartbeat), [], .failedPrecondition),
        wrong(
            "a method that the service lacks", Envelope(.request, stream: stream, method: "codec.Nothing"), [],
            .unsupported),
        wrong("a body that the method does not take", Envelope(.request, stream: stream, method: "codec.Echo"), [0xFF]),
    ]

    private func suite() async throws -> Suite {
        var limits = WireLimits()
        limits.partBytesMax = 1024
        limits.messageBytesMax = 4096
        return try await Suite(limits: limits)
    }

    @Test(arguments: cases) func wrongMessageIsAnsweredAndHurtsNobodyElse(wrong: Wrong) async throws {
        let suite = try await suite()
        let worker = try await suite.worker(codecMethods())
        let client = try await suite.client()
        let peer = try RawPeer(dialling: suite.endpoint)

        await peer.send(parts: wrong.parts)
        #expect(try await peer.receiveError().code == wrong.answer)
        // Once is a mistake: the same peer is still served.
        await peer.send(RawPeer.request("codec.Echo", "fine", stream: .random()))
        #expect(try await Words(peer.receive(.complete).body) == Words("fine"))
        #expect(try await client.ask(Ask.echo, Words("too")) == Words("too"))

        await client.close()
        await worker.stop()
        try await suite.stop()
    }

    @Test func refusalOfAnotherVersionNamesBoth() async throws {
        let suite = try await suite()
        let peer = try RawPeer(dialling: suite.endpoint)
        await peer.send(parts: [[8, 7, 16, 1]])
        let message = try await peer.receiveError().message
        #expect(message.contains("CLQ/7") && message.contains("CLQ/1"))
        try await suite.stop()
    }

    @Test func clientThatIsRefusedSaysWhy() async throws {
        let place = try await suite()
        try await place.stop()
        let other = try WireEndpoint(place.endpoint.text + "2")
        let fake = try RawPeer(binding: other)
        async let refused = failure {
            try await WireClient(endpoint: other, timings: shortTimings, connectWait: .seconds(60), logger: quiet)
        }
        _ = try await fake.receive(.hello)
        await fake.send(.error(CallError(.unsupported, "CLQ/1 here, CLQ/2 there"), stream: []))
        #expect(await refused == CallError(.unsupported, "CLQ/1 here, CLQ/2 there"))
    }

    @Test func thirdMalformedMessageCostsTheConnection() async throws {
        let suite = try await suite()
        let worker = try await suite.worker(codecMethods())
        let client = try await suite.client()
        let peer = try RawPeer(dialling: suite.endpoint)

        for _ in 0..<3 {
            await peer.send(parts: [[0xFF]])
            #expect(try await peer.receiveError().code == .malformed)
        }
        #expect(try await peer.receiveError().details["refused"] == "true")
        // Not listened to: this is never answered, while what comes after it from others is.
        await peer.send(RawPeer.request("codec.Echo", "unheard", stream: .random()))
        #expect(try await client.ask(Ask.echo, Words("heard")) == Words("heard"))
        let again = try RawPeer(dialling: suite.endpoint)
        await again.send(RawPeer.request("codec.Echo", "anew", stream: .random()))
        #expect(try await Words(again.receive(.complete).body) == Words("anew"))

        await client.close()
        await worker.stop()
        try await suite.stop()
    }

    @Test(arguments: [1, 5]) func gapOrRepeatInItemsEndsTheStreamOnly(sequence: UInt64) async throws {
        let suite = try await suite()
        let worker = try await suite.worker(codecMethods())
        let peer = try RawPeer(dialling: suite.endpoint)
        let (broken, sound) = (StreamID.random(), StreamID.random())

        for stream in [broken, sound] {
            await peer.send(RawPeer.request("codec.Mirror", stream: stream, credit: 4))
            _ = try await peer.receive(.credit)
        }
        for number in [0, 1] as [UInt64] {
            await peer.send(.item(Words("a").encoded(), sequence: number, stream: broken))
        }
        await peer.send(.item(Words("b").encoded(), sequence: sequence, stream: broken))
        let error = try await peer.receive(.error)
        #expect(error.stream == broken)
        #expect(try CallError(error.body).code == .malformed)

        await peer.send(.item(Words("c").encoded(), sequence: 0, stream: sound))
        await peer.send(.lastItem(sequence: 1, stream: sound))
        let answer = try await peer.receive(.complete)
        #expect(answer.stream == sound)
        #expect(try Words(answer.body) == Words("1 mirrored"))

        await worker.stop()
        try await suite.stop()
    }

    @Test func itemWithoutCreditEndsItsStream() async throws {
        let suite = try await suite()
        let worker = try await suite.worker(codecMethods())
        let peer = try RawPeer(dialling: suite.endpoint)
        let stream = StreamID.random()
        await peer.send(RawPeer.request("codec.Hang", stream: stream))
        _ = try await peer.receive(.accepted)
        await peer.send(.item(Words("unasked").encoded(), sequence: 0, stream: stream))
        #expect(try await peer.receiveError().message.contains("without credit"))
        await worker.stop()
        try await suite.stop()
    }

    @Test func requestSentAgainIsNotRunAgain() async throws {
        let (hung, release) = (Happening(), Happening())
        var methods = MethodTable()
        methods.on(Ask.echo) { request, _ in
            await hung.happened()
            await release.wait()
            return request
        }
        let suite = try await suite()
        let worker = try await suite.worker(methods)
        let peer = try RawPeer(dialling: suite.endpoint)
        let request = RawPeer.request("codec.Echo", "once", stream: .random())

        await peer.send(request)
        await hung.wait()
        await peer.send(request)
        await release.happened()
        #expect(try await Words(peer.receive(.complete).body) == Words("once"))
        await peer.send(request)
        #expect(try await peer.receiveError().code == .alreadyExists)
        #expect(await hung.times() == 1)

        await worker.stop()
        try await suite.stop()
    }

    /// A client that never says HELLO need not send heartbeats, however long its answer takes.
    @Test func peerWithoutHelloIsServedAndNotWatched() async throws {
        let release = Happening()
        var methods = MethodTable()
        methods.on(Ask.echo) { request, _ in
            await release.wait()
            return request
        }
        let suite = try await Suite(timings: LinkTimings(heartbeat: .milliseconds(20), missedMax: 50))
        let worker = try await suite.worker(methods)
        let watched = try RawPeer(dialling: suite.endpoint)
        try await watched.hello("codec", methods: ["codec.Other"])
        let simple = try RawPeer(dialling: suite.endpoint)
        await simple.send(RawPeer.request("codec.Echo", "patient", stream: .random()))

        // Silence costs the one that said HELLO its place, …
        while await suite.gateway.workers.count > 1 { try await Task.sleep(for: .milliseconds(5)) }
        await release.happened()
        // … and the other one nothing.
        #expect(try await Words(simple.receive(.complete).body) == Words("patient"))

        await worker.stop()
        try await suite.stop()
    }

    @Test func workerThatBreaksAStreamIsNamed() async throws {
        let suite = try await suite()
        let worker = try RawPeer(dialling: suite.endpoint)
        try await worker.hello("codec", methods: ["codec.Count"])
        await worker.send(.credit(1))
        let client = try await suite.client()

        let call = await client.call(Ask.count, Words("1"))
        let request = try await worker.receive(.request)
        let stream = try #require(request.stream)
        await worker.send(.item(Words("0").encoded(), sequence: 3, stream: stream))
        let error = await failure { try await call.response() }
        #expect(error?.code == .internal)
        #expect(error?.message.contains("the codec worker") == true)
        #expect(try await worker.receiveError().code == .malformed)

        await client.close()
        try await suite.stop()
    }
}
