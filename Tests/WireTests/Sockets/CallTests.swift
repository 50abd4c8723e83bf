import Contracts
import Foundation
import Testing
import Wire

@Suite(.timeLimit(.minutes(5))) struct CallTests {
    @Test(arguments: [true, false]) func requestIsAnsweredByTheWorkerThatAnnouncedIt(overTCP: Bool) async throws {
        let suite = try await Suite()
        let endpoint = overTCP ? suite.tcp : suite.endpoint
        let worker = try await suite.worker(codecMethods(), over: endpoint)
        let client = try await suite.client(over: endpoint)

        #expect(
            try await client.ask(Ask.echo, Words("hello", blobs: [[1, 2], []])) == Words("hello", blobs: [[1, 2], []]))

        await client.close()
        await worker.stop()
        try await suite.stop()
    }

    @Test(arguments: [0, 1, 64, 65, 1000]) func itemsArriveInOrderWhateverTheCredit(count: Int) async throws {
        let suite = try await Suite()
        let worker = try await suite.worker(codecMethods())
        let client = try await suite.client()

        for credit in [1, 2, 64] {
            let call = await client.call(Ask.count, Words("\(count)"), options: CallOptions(itemCredit: credit))
            var texts: [String] = []
            for try await item in call.items { texts.append(item.text) }
            #expect(texts == (0..<count).map { "\($0)" })
            #expect(try await call.response() == Words("\(count) sent"))
        }

        await client.close()
        await worker.stop()
        try await suite.stop()
    }

    @Test func itemsFlowBothWaysUnderCredit() async throws {
        let suite = try await Suite()
        let worker = try await suite.worker(codecMethods())
        let client = try await suite.client(over: suite.tcp)

        let call = await client.call(Ask.mirror, Words(""), options: CallOptions(itemCredit: 3))
        async let sending: Void = {
            for number in 0..<200 { try await call.send(Words("\(number)")) }
            await call.finishSending()
        }()
        var texts: [String] = []
        for try await item in call.items { texts.append(item.text) }
        try await sending
        #expect(texts == (0..<200).map { "\($0)" })
        #expect(try await call.response() == Words("200 mirrored"))

        await client.close()
        await worker.stop()
        try await suite.stop()
    }
}
