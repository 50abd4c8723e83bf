import Foundation
import ServiceKit
import TestSupport
import Testing

/// A configuration file is a door for bytes: whatever stands in it ends in a value or a `ConfigurationError`.
@Suite struct ConfigurationFuzzTests {
    /// Mutants of each seed; `COLLOQUY_TEST_LONG` makes them a hundred times as many.
    static let rounds = ProcessInfo.processInfo.environment["COLLOQUY_TEST_LONG"] == nil ? 100 : 10_000
    static let sound = """
        # of the whole suite
        gateway: [ipc:///run/a.sock, "tcp://host:5555"]
        log_level: &level debug
        services:
          codec: {slots: 2, windows_max: 3}
          voices:
            log_level: *level
        """
    static let pieces = [
        "&a ", "*a", "[", "]", "{", "}", ": ", "- ", "\n", "  ", "!!binary ", "|\n", ">\n", "%YAML 9.9\n", "---\n",
        "\u{0}",
        "\u{FEFF}", "? ", "<<: ", "\"", "'", "9999999999999999999", "~", "\t", "services", "codec",
    ]

    @Test(arguments: 0..<20 as Range<UInt64>) func endsInAValueOrAnErrorWhateverTheFileHolds(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<Self.rounds {
            var text = Array(Self.sound)
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                let place = Int.random(in: 0...text.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: text.insert(contentsOf: Self.pieces.randomElement(using: &random) ?? "", at: place)
                case 1: text.removeSubrange(place..<min(text.count, place + Int.random(in: 0...9, using: &random)))
                case 2: text.insert(contentsOf: text[place..<min(text.count, place + 20)], at: place)
                default:
                    guard place < text.count else { continue }
                    text[place] = Character(Unicode.Scalar(UInt8.random(in: .min ... .max, using: &random)))
                }
            }
            do {
                let settings = try read(String(text)).0
                #expect((1...256).contains(settings.slots))
            } catch {
                #expect(!error.description.isEmpty)
            }
        }
    }
}
