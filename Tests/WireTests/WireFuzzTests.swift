import Contracts
import TestSupport
import Testing
import Wire

@Suite struct WireFuzzTests {
    /// Sound messages with bytes flipped, cut, doubled and parts exchanged: every door answers and none traps.
    @Test(arguments: 1...8) func mutatedMessagesNeverTrap(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var passed = 0
        for _ in 0..<400 {
            var parts = Self.soundMessages.randomElement(using: &random) ?? []
            for _ in 0..<Int.random(in: 0...6, using: &random) { Self.mutate(&parts, using: &random) }
            passed += WireFuzz.message(parts)
        }
        // A fuzzer whose every message stops at the first door tests that door only.
        #expect(passed > 400, "seed \(seed)")
    }

    @Test func soundMessagesPass() {
        for parts in Self.soundMessages { #expect(WireFuzz.message(parts) >= 2) }
    }

    private static let soundMessages: [[[UInt8]]] = {
        let stream = [UInt8](repeating: 7, count: 16)
        let decode = Envelope(
            .request, stream: stream, method: "codec.Decode", budgetMilliseconds: 1000, tenant: "t",
            traceparent: "00-0-0-00", attempt: 1, credit: 8)
        let bodies: [MessageBody] = [
            describe("codec").encoded(),
            Welcome(software: "s", heartbeatMilliseconds: 500, missedMax: 4, instance: stream).encoded(),
            Accepted(place: 3).encoded(), CallError(.notFound, "no", details: ["a": "b"]).encoded(),
            MessageBody(payload: [8, 1, 18, 4, 8, 0, 18, 0], blobs: [[1, 2, 3, 4]]),
            MessageBody(payload: [8, 0, 16, 1, 24, 2], blobs: [[1, 2, 3, 4], [], [9]]), MessageBody(),
        ]
        return bodies.map { WireMessage(decode, $0).parts }
            + bodies.map { WireMessage(Envelope(.item, stream: stream, sequence: 3, last: true), $0).parts }
    }()

    private static func mutate(_ parts: inout [[UInt8]], using random: inout SeededRandom) {
        guard let part = parts.indices.randomElement(using: &random) else { return }
        let place = Int.random(in: 0...parts[part].count, using: &random)
        switch Int.random(in: 0..<7, using: &random) {
        case 0: parts[part].insert(UInt8.random(in: 0...255, using: &random), at: place)
        case 1: parts[part].removeLast(parts[part].count - place)
        case 2: parts[part] += parts[part].prefix(place)
        case 3: parts.swapAt(part, parts.indices.randomElement(using: &random) ?? part)
        case 4: parts.append(parts[part])
        default:
            guard place < parts[part].count else { return }
            parts[part][place] ^= UInt8(1 << Int.random(in: 0..<8, using: &random))
        }
    }
}
