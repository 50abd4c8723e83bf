import Contracts
import Foundation
import Logging
import TestSupport
import Testing
import VoiceLibrary
import Voices
import Wire

@Suite struct CodecDoorTests {
    @Test func isShutUntilTheWorkerIsThere() async throws {
        let error = await #expect(throws: CallError.self) {
            try await CodecDoor().encode([1], options: CallOptions())
        }
        #expect(error?.code == .unavailable)
    }

    /// Through real sockets: a client adds a voice, and the codec that hears it is another worker of the gateway.
    @Test func leadsToTheCodecBehindTheGateway() async throws {
        let scratch = try ScratchFolder()
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let endpoint = try WireEndpoint("ipc://\(scratch.url.path)/gateway.sock")
        let library = try VoiceLibrary(path: scratch.url.appending(path: "voices.sqlite").path)
        let played = FakeCodec()
        var codecMethods = MethodTable()
        codecMethods.on(Methods.encode) { request, context in
            try await played.encode(request.audio, options: CallOptions(budget: context.budgetLeft))
        }
        let door = CodecDoor()
        let gateway = WireGateway(bind: [endpoint], methods: MethodTable(), logger: logger)
        let codec = WireWorker(
            gateways: [endpoint], description: Self.peer("codec"), methods: codecMethods, logger: logger)
        let voices = WireWorker(
            gateways: [endpoint], description: Self.peer("voices"),
            methods: VoiceHandlers(library: library, codec: door, logger: logger).methods, logger: logger)
        door.open(through: voices)

        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await gateway.run() }
            _ = try await gateway.boundEndpoints
            group.addTask { try await codec.run() }
            group.addTask { try await voices.run() }
            let client = try await WireClient(endpoint: endpoint, logger: logger)
            let request = Sound.request()
            let added = try await client.ask(Methods.addVoice, request)
            #expect(played.heard == [request.audio])
            #expect(added.voice.codecHashes == [FakeCodec.hash])
            #expect(try await client.ask(Methods.getVoice, VoiceRequest(voice: "ANNA")).voice == added.voice)
            let taken = await #expect(throws: CallError.self) { try await client.ask(Methods.addVoice, request) }
            #expect(taken?.code == .alreadyExists)
            await client.close()
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    private static func peer(_ service: String) -> PeerDescription {
        PeerDescription(
            service: service, software: "test", instance: (0..<16).map { _ in UInt8.random(in: .min ... .max) },
            process: 1, host: "test", slots: 2, methods: [])
    }
}
