import Audio
import Contracts
import Foundation
import Subprocess
import TestSupport
import Testing
import Tokens
import Wire

/// Sound for someone who listens while it is made, through real processes and the embedded model.
@Suite struct EarlySoundTests {
    /// Of the embedded model's codec.
    private static let samplesPerFrame = 1280

    private func request(_ delivery: SoundDelivery) -> SpeakRequest {
        var request = SpeakRequest(
            script: SpeakTests.script,
            speakers: [
                SpeakerSource(number: 1, source: .voice("anna")), SpeakerSource(number: 2, source: .voice("david")),
            ], seed: 7)
        request.delivery = delivery
        return request
    }

    private func hear(_ client: WireClient, _ delivery: SoundDelivery) async throws -> ([[Float]], SpeakResponse) {
        let call = await client.call(
            Methods.speak, request(delivery), options: CallOptions(budget: .seconds(300), itemCredit: 16))
        var pieces: [[Float]] = []
        for try await item in call.items where !item.samples.isEmpty { pieces.append(item.samples) }
        return (pieces, try await call.response())
    }

    @Test func comesInPiecesThatBeginSmallAndAreTheSameEveryTime() async throws {
        try await RunningSuite.with { suite in
            let client = try await suite.client()
            let (early, told) = try await hear(client, .early)
            let (again, _) = try await hear(client, .early)
            let (settled, toldSettled) = try await hear(client, .settled)
            await client.close()

            #expect(early == again)
            #expect(early.prefix(3).map(\.count) == [10, 12, 15].map { $0 * Self.samplesPerFrame })
            let sound = early.flatMap { $0 }
            #expect(sound.count == told.frames * Self.samplesPerFrame && told.samples == sound.count)
            #expect(told.frames == toldSettled.frames && told.durationSeconds == toldSettled.durationSeconds)
            #expect(sound.count == settled.flatMap { $0 }.count)
            #expect(settled.count < early.count)
        }
    }

    /// What is held back of fifteen frames is never more than their last five.
    @Test func beginsWhenOnlyFifteenFramesExist() async throws {
        try await RunningSuite.with { suite in
            let client = try await suite.client()
            let prompt = SharedFolder.packageRoot.appending(path: "Shared/DemoVoice/Model/prompts/anna.wav")
            let codes = try await client.ask(
                Methods.encode, EncodeRequest(audio: [UInt8](try Data(contentsOf: prompt))), options: CallOptions()
            ).codes
            let call = await client.call(
                Methods.decode, DecodeRequest(codebooks: codes.codebooks, delivery: .early),
                options: CallOptions(itemCredit: 4))
            try await call.send(CodesItem(codes: codes.frames(0..<15)))
            // No more is sent until this has come.
            var items = call.items.makeAsyncIterator()
            #expect(try await items.next()?.samples.count == 10 * Self.samplesPerFrame)
            await call.finishSending()
            #expect(try await items.next()?.samples.count == 5 * Self.samplesPerFrame)
            #expect(try await call.response().frames == 15)
            await client.close()
        }
    }

    @Test func aDeliveryThatIsNoneIsRefusedWithWhatIsAllowed() async throws {
        let home = try Home()
        let outcome = try await home.colloquy("speak", "--delivery", "late", "[S1]Hi.")
        #expect(outcome.exitCode == 64)
        #expect(outcome.errors.contains("settled") && outcome.errors.contains("early"), "\(outcome.errors)")
    }

    @Test func standardOutputTakesItAsAWAVFile() async throws {
        try await RunningSuite.with { suite in
            let home = suite.home
            let speak = "'\(Command.binFolder.path)/colloquy' speak --seed 7 --voice S1=anna --voice S2=david"
            let outcome = try await Command(
                "/bin/sh",
                ["-c", "\(speak) --output - '\(SpeakTests.script)' | cat >'\(home.path("piped.wav"))'"],
                home.environment
            ).run()
            #expect(outcome.errors.contains("-: "), "the facts are told beside the sound: \(outcome.errors)")
            for delivery in SoundDelivery.allCases {
                let outcome = try await home.colloquy(
                    "speak", "--json", "--seed", "7", "--voice", "S1=anna", "--voice", "S2=david", "--delivery",
                    delivery.rawValue, "-o", home.path("\(delivery).wav"), SpeakTests.script)
                try #require(outcome.isSuccess, "\(outcome.errors)")
                #expect(outcome.output.contains("\"delivery\":\"\(delivery.rawValue)\""), "\(outcome.output)")
            }
            // Its header says that it goes on; what follows is what a file has.
            let piped = [UInt8](try Data(contentsOf: URL(filePath: home.path("piped.wav"))))
            let early = try AudioClip(path: home.path("early.wav"))
            let settled = try AudioClip(path: home.path("settled.wav"))
            #expect(Array(piped.prefix(44)) == StreamedWAV.header(sampleRate: early.sampleRate))
            #expect(Array(piped.dropFirst(44)) == PCM16.bytes(of: early.channels[0]))
            #expect(early.sampleCount == settled.sampleCount && early.channels != settled.channels)
            let refused = try await home.colloquy("speak", "--json", "-o", "-", SpeakTests.script)
            #expect(refused.exitCode == 64, "\(refused.errors)")
        }
    }
}
