import Foundation
import ServiceKit
import Testing

/// A service with one key of each type.
struct SampleConfiguration: ServiceConfiguration {
    static let service = "codec"
    static let summary = "A sample."
    static let windowsMax = ConfigurationKey.integer("windows_max", 1...64, default: 8, reason: "memory")
    static let gain = ConfigurationKey.number("gain", 0...2, default: 1, reason: "loudness")
    static let warm = ConfigurationKey.flag("warm", default: true, reason: "the first request is then as fast")
    static let wait = ConfigurationKey.milliseconds("wait_milliseconds", 0...1000, default: 20, reason: "patience")
    static let keys = [windowsMax.declaration, gain.declaration, warm.declaration, wait.declaration]

    let windowsMax: Int
    let gain: Double
    let warm: Bool
    let wait: Duration

    init(_ reader: inout ConfigurationReader, settings: ServiceSettings) throws(ConfigurationError) {
        windowsMax = try reader.value(of: Self.windowsMax)
        gain = try reader.value(of: Self.gain)
        warm = try reader.value(of: Self.warm)
        wait = try reader.value(of: Self.wait)
    }
}

/// Reads a sample service's configuration without touching a file.
func read(
    _ yaml: String? = nil, environment: [String: String] = [:], flags: [String] = []
) throws(ConfigurationError) -> (ServiceSettings, SampleConfiguration, [String: String]) {
    let keys = ServiceSettings.keys + SampleConfiguration.keys
    var file: ConfigurationFile?
    if let yaml { file = try ConfigurationFile(yaml: yaml, path: "colloquy.yaml") }
    var reader = try ConfigurationReader(
        service: SampleConfiguration.service, shared: ServiceSettings.keys, own: SampleConfiguration.keys,
        flags: try ConfigurationFlags(flags, keys: keys), environment: environment, file: file)
    let settings = try ServiceSettings(&reader)
    let sample = try SampleConfiguration(&reader, settings: settings)
    return (settings, sample, Dictionary(uniqueKeysWithValues: reader.effective.map { ($0.name, "\($0.source)") }))
}

@Suite struct ConfigurationPrecedenceTests {
    static let everywhere = """
        slots: 10
        services:
          codec:
            slots: 11
          voices:
            slots: 99
        """

    /// Each source goes before the ones that stand before it in the list.
    @Test func takesTheValueOfTheHighestSource() throws {
        #expect(try read().0.slots == 4)
        #expect(try read("slots: 10").0.slots == 10)
        #expect(try read(Self.everywhere).0.slots == 11)
        #expect(try read(Self.everywhere, environment: ["COLLOQUY_SLOTS": "12"]).0.slots == 12)
        let both = ["COLLOQUY_SLOTS": "12", "COLLOQUY_CODEC_SLOTS": "13"]
        #expect(try read(Self.everywhere, environment: both).0.slots == 13)
        #expect(try read(Self.everywhere, environment: both, flags: ["--slots", "14"]).0.slots == 14)
        #expect(try read(Self.everywhere, environment: both, flags: ["--slots=15"]).0.slots == 15)
    }

    @Test func tellsWhereEachValueCameFrom() throws {
        let sources = try read(
            "log_level: debug\nservices:\n  codec:\n    windows_max: 3\n", environment: ["COLLOQUY_MISSED_MAX": "6"],
            flags: ["--threads", "2"]
        ).2
        #expect(sources["log_level"] == "colloquy.yaml:1")
        #expect(sources["windows_max"] == "colloquy.yaml:4")
        #expect(sources["missed_max"] == "COLLOQUY_MISSED_MAX")
        #expect(sources["threads"] == "--threads")
        #expect(sources["slots"] == "default")
        #expect(sources.count == ServiceSettings.keys.count + SampleConfiguration.keys.count)
    }

    /// Keys of one service's own stand in its section and carry its name in the environment.
    @Test func readsKeysOfTheServiceFromItsSection() throws {
        let own = try read(
            "services:\n  codec: {windows_max: 3, gain: 0.5, warm: no}\n",
            environment: ["COLLOQUY_CODEC_WAIT_MILLISECONDS": "7"]
        ).1
        #expect(own.windowsMax == 3)
        #expect(own.gain == 0.5)
        #expect(!own.warm)
        #expect(own.wait == .milliseconds(7))
        #expect(try !read(flags: ["--no-warm"]).1.warm)
        #expect(try read("services: {codec: {warm: off}}", flags: ["--warm"]).1.warm)
    }

    /// One file and one environment serve the whole suite: what is another service's is left to it.
    @Test func leavesTheKeysOfOtherServicesAlone() throws {
        let environment = ["COLLOQUY_GENERATOR_PAGES": "many", "COLLOQUY_ISA": "scalar", "PATH": "/bin"]
        #expect(try read("services: {generator: {pages: many}}", environment: environment).0.slots == 4)
    }

    @Test func readsListsInEveryForm() throws {
        let expected = ["tcp://one:5555", "ipc:///run/two.sock"]
        #expect(try read("gateway: [\"tcp://one:5555\", \"ipc:///run/two.sock\"]").0.gateways == expected)
        #expect(try read("gateway: tcp://one:5555, ipc:///run/two.sock").0.gateways == expected)
        let environment = ["COLLOQUY_GATEWAY": "tcp://one:5555,ipc:///run/two.sock"]
        #expect(try read(environment: environment).0.gateways == expected)
        let flags = ["--gateway", "tcp://one:5555", "--gateway=ipc:///run/two.sock"]
        #expect(try read(environment: ["COLLOQUY_GATEWAY": "tcp://no:1"], flags: flags).0.gateways == expected)
    }

    @Test func findsItsFoldersWhereXDGSaysTheyAre() throws {
        let xdg = ["XDG_RUNTIME_DIR": "/run/user/7", "XDG_DATA_HOME": "/data", "HOME": "/home/a"]
        let settings = try read(environment: xdg).0
        #expect(settings.gateways == ["ipc:///run/user/7/colloquy/gateway.sock"])
        #expect(settings.dataDirectory.path == "/data/colloquy")
        let relative = try read(environment: ["XDG_RUNTIME_DIR": "run", "HOME": "/home/a"]).0
        #expect(relative.runtimeDirectory.path.hasPrefix("/tmp/colloquy-"))
        #expect(relative.dataDirectory.path == "/home/a/.local/share/colloquy")
        let named = try read(environment: ["COLLOQUY_RUNTIME_DIR": "/r", "COLLOQUY_MODEL": "~/m", "HOME": "/home/a"]).0
        #expect(named.gateways == ["ipc:///r/gateway.sock"])
        #expect(named.model?.path == "/home/a/m")
    }
}
