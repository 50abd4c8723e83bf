import Foundation
import ServiceKit
import TestSupport
import Testing

/// What cannot be meant ends the start, and says which key, where, what stands there and what is allowed.
@Suite struct ConfigurationErrorTests {
    struct Wrong: Sendable, CustomTestStringConvertible {
        var yaml: String?
        var environment: [String: String] = [:]
        var flags: [String] = []
        let says: [String]
        var testDescription: String { says.joined(separator: ", ") }
    }

    static let misspelt: [Wrong] = [
        Wrong(yaml: "log_levle: info", says: ["colloquy.yaml:1", "log_levle", "did you mean log_level?"]),
        Wrong(
            yaml: "slots: 2\nservices:\n  codec:\n    windows_maxx: 2\n",
            says: ["colloquy.yaml:4", "windows_maxx", "did you mean windows_max?"]),
        Wrong(yaml: "windows_max: 2", says: ["colloquy.yaml:1", "it belongs under services: codec:"]),
        Wrong(
            yaml: "services: {codek: {slots: 2}}",
            says: ["colloquy.yaml:1", "codek", "gateway, codec, generator, voices"]),
        Wrong(
            environment: ["COLLOQUY_SLOT": "3"], says: ["COLLOQUY_SLOT is \"3\"", "did you mean COLLOQUY_SLOTS?"]),
        Wrong(environment: ["COLLOQUY_CODEC_FOO_BAR": "3"], says: ["COLLOQUY_CODEC_FOO_BAR", "--help lists"]),
        Wrong(flags: ["--slotz", "3"], says: ["--slotz", "did you mean --slots?"]),
        Wrong(flags: ["speak"], says: ["speak", "--help lists"]),
        Wrong(flags: ["--no-slots"], says: ["--no-slots"]),
    ]

    static let outOfRange: [Wrong] = [
        Wrong(yaml: "slots: 0", says: ["colloquy.yaml:1: slots", "\"0\"", "1...256"]),
        Wrong(yaml: "slots: 257", says: ["\"257\"", "1...256"]),
        Wrong(environment: ["COLLOQUY_DRAIN_SECONDS": "-1"], says: ["COLLOQUY_DRAIN_SECONDS", "\"-1\"", "0...3600"]),
        Wrong(flags: ["--heartbeat-milliseconds", "49"], says: ["--heartbeat-milliseconds", "\"49\"", "50...10000"]),
        Wrong(yaml: "services: {codec: {gain: 2.5}}", says: ["gain", "\"2.5\"", "0.0...2.0"]),
        Wrong(yaml: "services: {codec: {gain: .nan}}", says: ["gain", "0.0...2.0"]),
        Wrong(flags: ["--missed-max", "99999999999999999999"], says: ["--missed-max", "2...100"]),
    ]

    static let wrongType: [Wrong] = [
        Wrong(yaml: "slots: many", says: ["slots", "\"many\"", "1...256"]),
        Wrong(yaml: "slots: 2.0", says: ["slots", "\"2.0\""]),
        Wrong(yaml: "slots: [1, 2]", says: ["slots", "1...256"]),
        Wrong(yaml: "slots: {a: 1}", says: ["colloquy.yaml:1", "slots", "a value, or a list"]),
        Wrong(yaml: "\nslots:\n", says: ["colloquy.yaml:2", "slots", "a value, or a list"]),
        Wrong(yaml: "log_format: xml", says: ["log_format", "\"xml\"", "text, json"]),
        Wrong(environment: ["COLLOQUY_LOG_LEVEL": "loud"], says: ["\"loud\"", "trace, debug, info"]),
        Wrong(environment: ["COLLOQUY_FLAVOR": "v0.6"], says: ["\"v0.6\"", "v0.5, v0.7"]),
        Wrong(environment: ["COLLOQUY_SLOTS": ""], says: ["COLLOQUY_SLOTS", "1...256"]),
        Wrong(environment: ["COLLOQUY_MODEL": ""], says: ["COLLOQUY_MODEL", "a path"]),
        Wrong(environment: ["COLLOQUY_CODEC_WARM": "perhaps"], says: ["\"perhaps\"", "true, false"]),
        Wrong(flags: ["--slots"], says: ["--slots", "needs a value", "1...256"]),
        Wrong(flags: ["--exit-with-parent=me"], says: ["--exit-with-parent", "\"me\"", "process id"]),
    ]

    static let endpoints: [Wrong] = [
        "gateway.sock", "ipc://", "tcp://host", "tcp://host:", "tcp://host:65536", "tcp://:1",
        "udp://host:1", "tcp://a b:1", "", "tcp://ok:1,", "ipc:///" + String(repeating: "x", count: 107),
    ].map { Wrong(environment: ["COLLOQUY_GATEWAY": $0], says: ["COLLOQUY_GATEWAY", "tcp://host:port"]) }

    static let notYAML: [Wrong] = [
        Wrong(yaml: "slots: 1\nslots: 2\n", says: ["colloquy.yaml", "no sound YAML"]),
        Wrong(yaml: "a: [", says: ["colloquy.yaml", "no sound YAML"]),
        Wrong(yaml: String(repeating: "[", count: 50_000), says: ["colloquy.yaml", "no sound YAML"]),
        Wrong(yaml: "- a\n- b\n", says: ["colloquy.yaml:1", "keys and values"]),
        Wrong(yaml: "only words", says: ["colloquy.yaml:1", "keys and values"]),
        Wrong(yaml: "services: codec", says: ["services", "keys and values"]),
        Wrong(yaml: "[a]: 1", says: ["colloquy.yaml:1", "a key is a word"]),
    ]

    @Test(arguments: misspelt + outOfRange + wrongType + endpoints + notYAML)
    func endsTheStartAndSaysHowToMendIt(wrong: Wrong) throws {
        let error = try refusal {
            try read(wrong.yaml, environment: wrong.environment, flags: wrong.flags)
        }
        for word in wrong.says {
            #expect("\(error)".contains(word), "\(error) does not say \(word)")
        }
    }

    @Test func allowsTheEndsOfARange() throws {
        #expect(try read("slots: 1").0.slots == 1)
        #expect(try read("slots: 256").0.slots == 256)
        let path = "ipc:///" + String(repeating: "x", count: 106)
        #expect(try read(environment: ["COLLOQUY_GATEWAY": path]).0.gateways == [path])
        #expect(try read(environment: ["COLLOQUY_GATEWAY": "tcp://[::1]:65535"]).0.gateways == ["tcp://[::1]:65535"])
    }

    /// A socket's path has 107 bytes on Linux; a deep runtime folder has to be told so before the bind fails.
    @Test func refusesARuntimeFolderTooDeepForASocket() throws {
        let folder = "/" + String(repeating: "d", count: 100)
        let error = try refusal { try read(environment: ["COLLOQUY_RUNTIME_DIR": folder]) }
        #expect(error.allowed.contains("choose a shorter folder"))
    }

    @Test func refusesAFileThatIsNotThereOrTooLarge() throws {
        let scratch = try ScratchFolder()
        let large = scratch.url.appending(path: "large.yaml").path
        try Data(repeating: 0x23, count: (64 << 10) + 1).write(to: URL(filePath: large))
        for path in [scratch.url.path, scratch.url.path + "/none.yaml", large] {
            let error = try refusal { try ConfigurationFile(path: path) }
            #expect("\(error)".contains(path))
        }
        try Data(repeating: 0x23, count: 64 << 10).write(to: URL(filePath: large))
        #expect(throws: Never.self) { try ConfigurationFile(path: large) }
    }

    /// A file given by mistake may hold secrets.
    @Test func repeatsOnlyTheBeginningOfALongValue() throws {
        let secret = String(repeating: "s", count: 5000)
        let error = try refusal { try read("slots: \(secret)") }
        #expect("\(error)".count < 400)
    }
}

/// The error that a reading ends with.
private func refusal(_ reading: () throws -> Any) throws -> ConfigurationError {
    struct Accepted: Error {}
    do {
        _ = try reading()
    } catch let error as ConfigurationError {
        return error
    }
    throw Accepted()
}
