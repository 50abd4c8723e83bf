import Contracts
import Foundation
import Testing
import Wire

/// How calls end that nobody finishes.
@Suite(.timeLimit(.minutes(5))) struct EndingTests {
    @Test func cancelEndsTheCallAndStopsTheHandler() async throws {
        let (hung, cancelled) = (Happening(), Happening())
        let suite = try await Suite()
        let worker = try await suite.worker(codecMethods(hung: hung, cancelled: cancelled))
        let client = try await suite.client()

        let call = await client.call(Ask.hang, Words(""))
        await hung.wait()
        call.cancel()
        #expect(await failure { try await call.response() }?.code == .cancelled)
        await cancelled.wait()

        await client.close()
        await worker.stop()
        try await suite.stop()
    }

    @Test func cancellingTheTaskThatWaitsCancelsTheCall() async throws {
        let (hung, cancelled) = (Happening(), Happening())
        let suite = try await Suite()
        let worker = try await suite.worker(codecMethods(hung: hung, cancelled: cancelled))
        let client = try await suite.client()

        let task = Task { try await client.ask(Ask.hang, Words("")) }
        await hung.wait()
        task.cancel()
        #expect(await failure { try await task.value }?.code == .cancelled)
        await cancelled.wait()

        await client.close()
        await worker.stop()
        try await suite.stop()
    }

    @Test func callThatNobodyHoldsIsCancelled() async throws {
        let (hung, cancelled) = (Happening(), Happening())
        let suite = try await Suite()
        let worker = try await suite.worker(codecMethods(hung: hung, cancelled: cancelled))
        let client = try await suite.client()

        do {
            let call = await client.call(Ask.hang, Words(""))
            await hung.wait()
            withExtendedLifetime(call) {}
        }
        await cancelled.wait()

        await client.close()
        await worker.stop()
        try await suite.stop()
    }

    @Test func deadlineEndsTheCallAndStopsTheHandler() async throws {
        let (hung, cancelled) = (Happening(), Happening())
        let suite = try await Suite()
        let worker = try await suite.worker(codecMethods(hung: hung, cancelled: cancelled))
        let client = try await suite.client()

        let call = await client.call(Ask.hang, Words(""), options: CallOptions(budget: .seconds(1)))
        #expect(await failure { try await call.response() }?.code == .deadlineExceeded)
        await cancelled.wait(for: await hung.times())

        await client.close()
        await worker.stop()
        try await suite.stop()
    }

    @Test func lostCallerStopsTheHandler() async throws {
        let (hung, cancelled) = (Happening(), Happening())
        let suite = try await Suite()
        let worker = try await suite.worker(codecMethods(hung: hung, cancelled: cancelled))

        let peer = try RawPeer(dialling: suite.endpoint)
        try await peer.hello("client")
        await peer.send(RawPeer.request("codec.Hang", stream: .random()))
        await hung.wait()
        await peer.vanish()
        await cancelled.wait()

        await worker.stop()
        try await suite.stop()
    }

    /// A peer that never said HELLO is not watched; it is missed when it is sent something.
    @Test func vanishedPeerWithoutHelloStopsTheHandlerAtTheNextItem() async throws {
        let (started, release, cancelled) = (Happening(), Happening(), Happening())
        var methods = MethodTable()
        methods.on(Ask.count) { _, context in
            await started.happened()
            await release.wait()
            while true {
                do throws(CallError) {
                    try await context.send(Words("anyone?"))
                } catch {
                    await cancelled.happened()
                    throw error
                }
            }
        }
        let suite = try await Suite()
        let worker = try await suite.worker(methods)
        let peer = try RawPeer(dialling: suite.endpoint)
        await peer.send(RawPeer.request("codec.Count", stream: .random(), credit: 200))
        await started.wait()
        await peer.vanish()
        await release.happened()
        await cancelled.wait()

        await worker.stop()
        try await suite.stop()
    }

    @Test func lostWorkerIsNamedToTheCaller() async throws {
        let suite = try await Suite()
        let worker = try RawPeer(dialling: suite.endpoint)
        try await worker.hello("codec", methods: ["codec.Hang"])
        await worker.send(.credit(1))
        let client = try await suite.client()

        let call = await client.call(Ask.hang, Words(""))
        _ = try await worker.receive(.request)
        await worker.vanish()
        let error = await failure { try await call.response() }
        #expect(error?.code == .unavailable)
        #expect(error?.retryable == true)
        let process = ProcessInfo.processInfo.processIdentifier
        #expect(error?.message.contains("the codec worker (process \(process) on here) was lost") == true)
        while await !suite.gateway.workers.isEmpty { try await Task.sleep(for: .milliseconds(5)) }

        await client.close()
        try await suite.stop()
    }

    @Test func lostGatewayEndsCallsAndAnotherAtItsPlaceIsFound() async throws {
        let folder = try await Suite()
        try await folder.stop()
        try FileManager.default.createDirectory(
            atPath: (try #require(folder.endpoint.path) as NSString).deletingLastPathComponent,
            withIntermediateDirectories: true)
        let fake = try RawPeer(binding: folder.endpoint)
        async let connecting = WireClient(
            endpoint: folder.endpoint, timings: shortTimings, connectWait: .seconds(60), logger: quiet)
        _ = try await fake.receive(.hello)
        let welcome = Welcome(software: "fake", heartbeatMilliseconds: 100, missedMax: 30, instance: [1])
        await fake.send(WireMessage(Envelope(.welcome), welcome.encoded()))
        await fake.send(.credit(4))
        let client = try await connecting

        let call = await client.call(Ask.echo, Words(""))
        _ = try await fake.receive(.request)
        await fake.vanish()
        #expect(await failure { try await call.response() }?.code == .unavailable)

        let gateway = WireGateway(
            bind: [folder.endpoint], methods: MethodTable(), timings: shortTimings, logger: quiet)
        let running = Task { try await gateway.run() }
        _ = try await gateway.boundEndpoints
        let worker = RunningWorker(
            WireWorker(
                gateways: [folder.endpoint], description: describe("codec"), methods: codecMethods(),
                timings: shortTimings, logger: quiet))
        while true {
            do throws(CallError) {
                #expect(try await client.ask(Ask.echo, Words("again")) == Words("again"))
                break
            } catch {
                #expect(error.code == .unavailable)
            }
        }

        await client.close()
        await worker.stop()
        running.cancel()
        try await running.value
    }

    @Test func unknownServiceIsNamedAfterAShortWait() async throws {
        var limits = WireLimits()
        limits.appearWait = .milliseconds(50)
        let suite = try await Suite(limits: limits)
        let client = try await suite.client()

        let error = await failure { try await client.ask(Ask.echo, Words("")) }
        #expect(error?.code == .unavailable)
        #expect(error?.details["service"] == "codec")

        await client.close()
        try await suite.stop()
    }

    @Test func requestWaitsForAWorkerThatAppears() async throws {
        var limits = WireLimits()
        limits.appearWait = .seconds(60)
        let suite = try await Suite(limits: limits)
        let client = try await suite.client()

        async let answer = client.ask(Ask.echo, Words("early"))
        let worker = try await suite.worker(codecMethods())
        #expect(try await answer == Words("early"))

        await client.close()
        await worker.stop()
        try await suite.stop()
    }

    @Test func drainingWorkerFinishesWhatRunsAndTakesNothingNew() async throws {
        let (started, release) = (Happening(), Happening())
        var methods = MethodTable()
        methods.on(Ask.echo) { request, _ in
            await started.happened()
            await release.wait()
            return request
        }
        var limits = WireLimits()
        limits.appearWait = .milliseconds(50)
        let suite = try await Suite(limits: limits)
        let worker = try await suite.worker(methods)
        let client = try await suite.client()

        async let first = client.ask(Ask.echo, Words("first"))
        await started.wait()
        async let stopped: Void = worker.stop()
        // Refused as soon as the gateway has heard of it; asked until then, the draining worker may still be given one.
        while true {
            let error = await failure {
                try await client.ask(Ask.echo, Words("late"), options: CallOptions(budget: .milliseconds(200)))
            }
            if error?.code == .unavailable { break }
            #expect(error?.code == .deadlineExceeded)
        }
        await release.happened()
        #expect(try await first == Words("first"))
        await stopped
        while await !suite.gateway.workers.isEmpty { try await Task.sleep(for: .milliseconds(5)) }

        await client.close()
        try await suite.stop()
    }

    @Test func handlersErrorsTravelAndOthersTextsDoNot() async throws {
        struct Private: Error { let text = "what somebody wrote" }
        var methods = MethodTable()
        methods.on(Ask.echo) { request, _ in
            if request.text == "private" { throw Private() }
            throw CallError(.notFound, "no such voice", retryable: true, details: ["line": "3"])
        }
        let suite = try await Suite()
        let worker = try await suite.worker(methods)
        let client = try await suite.client()

        let known = await failure { try await client.ask(Ask.echo, Words("")) }
        #expect(known == CallError(.notFound, "no such voice", retryable: true, details: ["line": "3"]))
        let unknown = await failure { try await client.ask(Ask.echo, Words("private")) }
        #expect(unknown?.code == .internal)
        #expect(unknown?.message.contains("wrote") == false)

        await client.close()
        await worker.stop()
        try await suite.stop()
    }
}
