import Contracts
import Foundation
import Testing
import Wire

@Suite(.timeLimit(.minutes(5))) struct GatewayTests {
    @Test func gatewaysHandlersCallWorkersThroughIt() async throws {
        let late = Late()
        var methods = MethodTable()
        methods.on(Ask.relay) { request, _ in
            let gateway = await late.gateway()
            return try await gateway.ask(Ask.echo, Words("relayed " + request.text))
        }
        let suite = try await Suite(methods: methods)
        await late.set(suite.gateway)
        let worker = try await suite.worker(codecMethods())
        let client = try await suite.client()

        #expect(try await client.ask(Ask.relay, Words("this")) == Words("relayed this"))
        #expect(try await suite.gateway.ask(Ask.relay, Words("own")) == Words("relayed own"))

        await client.close()
        await worker.stop()
        try await suite.stop()
    }

    /// A worker is a caller too, and may be the one that answers.
    @Test func workerCallsItself() async throws {
        let suite = try await Suite()
        let running = try await suite.worker(codecMethods())
        #expect(try await running.worker.ask(Ask.echo, Words("me")) == Words("me"))
        let call = await running.worker.call(Ask.mirror, Words(""), options: CallOptions())
        try await call.send(Words("a"))
        await call.finishSending()
        var texts: [String] = []
        for try await item in call.items { texts.append(item.text) }
        #expect(texts == ["a"])

        await running.stop()
        try await suite.stop()
    }

    @Test func aPeerIsToldTheVersionOfTheGateway() async throws {
        let suite = try await Suite()
        let peer = try RawPeer(dialling: suite.endpoint)
        await peer.send(WireMessage(Envelope(.hello), describe("client").encoded()))
        #expect(try await Welcome(peer.receive(.welcome).body).software == "9.8.7")
        await peer.vanish()
        try await suite.stop()
    }

    @Test func socketFilesArePrivateAndGoWithTheGateway() async throws {
        let suite = try await Suite()
        let path = try #require(suite.endpoint.path)
        let folder = (path as NSString).deletingLastPathComponent
        func mode(_ path: String) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        }
        #expect(try mode(folder) == 0o700)
        #expect(try mode(path) == 0o600)
        try await suite.stop()
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
    }

    @Test func secondGatewayAtAPlaceIsRefusedAndTheFirstGoesOn() async throws {
        let suite = try await Suite()
        let second = WireGateway(bind: [suite.endpoint], methods: MethodTable(), logger: quiet)
        let error = await failure { try await second.run() }
        #expect(error?.code == .alreadyExists)
        #expect(error?.message.contains("another gateway runs there") == true)

        let worker = try await suite.worker(codecMethods())
        let client = try await suite.client()
        #expect(try await client.ask(Ask.echo, Words("still")) == Words("still"))
        await client.close()
        await worker.stop()
        try await suite.stop()
    }

    @Test func filesOfAKilledGatewayDoNotHinder() async throws {
        let first = try await Suite()
        try await first.stop()
        let path = try #require(first.endpoint.path)
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        #expect(FileManager.default.createFile(atPath: path + ".lock", contents: nil))

        let gateway = WireGateway(bind: [first.endpoint], methods: MethodTable(), logger: quiet)
        let running = Task { try await gateway.run() }
        #expect(try await gateway.boundEndpoints == [first.endpoint])
        running.cancel()
        try await running.value
        #expect(!FileManager.default.fileExists(atPath: path))
        #expect(!FileManager.default.fileExists(atPath: path + ".lock"))
    }

    @Test func workersAreListedWithWhatTheySaidAndWhatTheyDo() async throws {
        let hung = Happening()
        let suite = try await Suite()
        let worker = try await suite.worker(codecMethods(hung: hung), slots: 3)
        let client = try await suite.client()
        let call = await client.call(Ask.hang, Words(""))
        await hung.wait()

        let workers = await suite.gateway.workers
        #expect(workers.map(\.description.service) == ["codec"])
        #expect(workers.map(\.description.slots) == [3])
        #expect(workers.map(\.description.methods) == [["codec.Count", "codec.Echo", "codec.Hang", "codec.Mirror"]])
        #expect(workers.map(\.running) == [1])
        #expect(workers.allSatisfy { $0.upSeconds >= 0 })

        call.cancel()
        await client.close()
        await worker.stop()
        try await suite.stop()
    }

    @Test func noGatewayIsSaidWithItsPlace() async throws {
        let folder = try await Suite()
        try await folder.stop()
        let error = await failure {
            try await WireClient(
                endpoint: folder.endpoint, timings: shortTimings, connectWait: .milliseconds(100), logger: quiet)
        }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains(folder.endpoint.text) == true)
    }

    @Test func stoppingGatewayFinishesWhatRuns() async throws {
        let (started, release) = (Happening(), Happening())
        var methods = MethodTable()
        methods.on(Ask.echo) { request, _ in
            await started.happened()
            await release.wait()
            return request
        }
        let suite = try await Suite()
        let worker = try await suite.worker(methods)
        let client = try await suite.client()

        async let first = client.ask(Ask.echo, Words("first"))
        await started.wait()
        async let stopped: Void = suite.stop()
        while await failure({
            try await client.ask(Ask.echo, Words("late"), options: CallOptions(budget: .milliseconds(200)))
        })?.code != .unavailable {}
        await release.happened()
        #expect(try await first == Words("first"))
        try await stopped

        await client.close()
        await worker.stop()
    }
}

/// The gateway, for handlers that are made before it.
actor Late {
    private var made: WireGateway?
    private var waiters: [CheckedContinuation<WireGateway, Never>] = []

    func set(_ gateway: WireGateway) {
        made = gateway
        for waiter in waiters { waiter.resume(returning: gateway) }
    }

    func gateway() async -> WireGateway {
        if let made { return made }
        return await withCheckedContinuation { waiters.append($0) }
    }
}
