import Contracts
import Testing
import Wire

@Suite(.timeLimit(.minutes(5))) struct LoadTests {
    @Test func sixtyFourCallsAtOnceAreEachAnsweredWithTheirOwn() async throws {
        let suite = try await Suite()
        let workers = [try await suite.worker(codecMethods()), try await suite.worker(codecMethods(), slots: 1)]
        let client = try await suite.client()

        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<64 {
                group.addTask {
                    #expect(try await client.ask(Ask.echo, Words("\(number)")) == Words("\(number)"))
                    let call = await client.call(Ask.count, Words("\(number)"), options: CallOptions(itemCredit: 2))
                    var count = 0
                    for try await item in call.items {
                        #expect(item.text == "\(count)")
                        count += 1
                    }
                    #expect(count == number)
                    _ = try await call.response()
                }
            }
            try await group.waitForAll()
        }

        await client.close()
        for worker in workers { await worker.stop() }
        try await suite.stop()
    }

    @Test(arguments: [true, false]) func megabytesArriveAsTheyWere(overTCP: Bool) async throws {
        let suite = try await Suite()
        let endpoint = overTCP ? suite.tcp : suite.endpoint
        let worker = try await suite.worker(codecMethods(), over: endpoint)
        let client = try await suite.client(over: endpoint)
        let blob = (0..<1 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }

        let call = await client.call(Ask.mirror, Words(""), options: CallOptions(itemCredit: 4))
        async let sending: Void = {
            for number in 0..<16 { try await call.send(Words("\(number)", blobs: [blob, [UInt8(number)]])) }
            await call.finishSending()
        }()
        var count = 0
        for try await item in call.items {
            #expect(item.blobs == [blob, [UInt8(count)]])
            count += 1
        }
        try await sending
        #expect(count == 16)

        await client.close()
        await worker.stop()
        try await suite.stop()
    }

    /// Nothing is sent without credit, so what a slow consumer has not asked for stays with its maker.
    @Test func slowConsumerHoldsTheSenderBack() async throws {
        let sent = Happening()
        var methods = codecMethods()
        methods.on(Ask.count) { _, context in
            for number in 0..<1000 {
                try await context.send(Words("\(number)"))
                await sent.happened()
            }
            return Words("done")
        }
        let suite = try await Suite()
        let worker = try await suite.worker(methods)
        let client = try await suite.client()

        let call = await client.call(Ask.count, Words(""), options: CallOptions(itemCredit: 8))
        await sent.wait(for: 8)
        for _ in 0..<20 { _ = try await client.ask(Ask.echo, Words("")) }
        #expect(await sent.times() == 8)
        var count = 0
        for try await _ in call.items {
            count += 1
            // Taken, and what is on its way: never more than the window ahead of the consumer.
            #expect(await sent.times() <= count + 8)
        }
        #expect(count == 1000)

        await client.close()
        await worker.stop()
        try await suite.stop()
    }

    @Test func requestsBeyondTheSlotsWaitTheirTurn() async throws {
        let running = Happening()
        var methods = MethodTable()
        let gate = Gate()
        methods.on(Ask.echo) { request, _ in
            await gate.enter()
            await running.happened()
            await gate.leave()
            return request
        }
        let suite = try await Suite()
        let worker = try await suite.worker(methods, slots: 2)
        let client = try await suite.client()

        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<20 { group.addTask { _ = try? await client.ask(Ask.echo, Words("")) } }
        }
        #expect(await running.times() == 20)
        #expect(await gate.most <= 2)

        await client.close()
        await worker.stop()
        try await suite.stop()
    }

    @Test func fullQueueRefusesAsOverloaded() async throws {
        let hung = Happening()
        var limits = WireLimits()
        limits.waitingMax = 1
        let suite = try await Suite(limits: limits)
        let worker = try await suite.worker(codecMethods(hung: hung), slots: 1)
        let client = try await suite.client()

        let running = await client.call(Ask.hang, Words(""))
        await hung.wait()
        let waiting = await client.call(Ask.hang, Words(""))
        let error = await failure { try await client.ask(Ask.hang, Words("")) }
        #expect(error?.code == .overloaded)
        #expect(error?.retryable == true)
        running.cancel()
        await hung.wait(for: 2)  // its place went to the one that waited
        waiting.cancel()

        await client.close()
        await worker.stop()
        try await suite.stop()
    }
}

/// How many are inside at once.
actor Gate {
    private var inside = 0
    private(set) var most = 0

    func enter() {
        inside += 1
        most = max(most, inside)
    }

    func leave() { inside -= 1 }
}
