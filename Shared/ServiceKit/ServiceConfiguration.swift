/// What a service declares of its own, beside the keys that all have.
public protocol ServiceConfiguration: Sendable {
    /// `codec`: the executable is `colloquy-codec`, the section `services.codec`, the variables `COLLOQUY_CODEC_…`.
    static var service: String { get }
    /// What the service is for, in a sentence.
    static var summary: String { get }
    /// Its own keys, in the order in which `--help` prints them.
    static var keys: [ConfigurationKeyDeclaration] { get }

    init(_ reader: inout ConfigurationReader, settings: ServiceSettings) throws(ConfigurationError)
}

/// What a command line comes to, before anything is touched.
public enum ServiceStart<Own: ServiceConfiguration>: Sendable {
    /// `--help`, `--version` or `--check`: print this and end.
    case print(String)
    case run(ServiceSettings, Own, ConfigurationFlags)

    /// - Parameters:
    ///   - arguments: Without the executable's name.
    ///   - fileExists: Whether a configuration lies where nobody named one.
    public init(
        arguments: [String], environment: [String: String], fileExists: (String) -> Bool
    ) throws(ConfigurationError) {
        let flags = try ConfigurationFlags(arguments, keys: ServiceSettings.keys + Own.keys)
        if flags.isHelp {
            self = .print(ServiceHelp<Own>.text)
            return
        }
        if flags.isVersion {
            self = .print("colloquy-\(Own.service) \(Software.version)")
            return
        }
        let file = try ConfigurationFile.find(flags, environment, fileExists: fileExists)
        var reader = try ConfigurationReader(
            service: Own.service, shared: ServiceSettings.keys, own: Own.keys, flags: flags, environment: environment,
            file: file)
        let settings = try ServiceSettings(&reader)
        let own = try Own(&reader, settings: settings)
        if flags.isCheck {
            self = .print(Self.table(reader.effective, file: file))
        } else {
            self = .run(settings, own, flags)
        }
    }

    /// One line a key: name, value, where it came from; aligned, for people.
    private static func table(_ effective: [ConfigurationReader.Effective], file: ConfigurationFile?) -> String {
        func padded(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(0, width - text.count))
        }
        let names = effective.map(\.name.count).max() ?? 0
        let values = effective.map(\.value.count).max() ?? 0
        let lines = effective.map { "\(padded($0.name, names))  \(padded($0.value, values))  \($0.source)" }
        return (["colloquy-\(Own.service): configuration file: \(file?.path ?? "none")"] + lines).joined(
            separator: "\n")
    }
}

/// `--help`, from the declarations, so that it cannot drift from them.
enum ServiceHelp<Own: ServiceConfiguration> {
    static var text: String {
        """
        colloquy-\(Own.service): \(Own.summary)

        Values are taken from, in rising precedence: defaults; the file (--config, COLLOQUY_CONFIG, or
        $XDG_CONFIG_HOME/colloquy/colloquy.yaml), there from services: \(Own.service): before the top level; the environment,
        there from COLLOQUY_\(Own.service.uppercased())_… before COLLOQUY_…; flags.

        For every service:
        \(lines(ServiceSettings.keys))
        Of the \(Own.service):
        \(lines(Own.keys))
        Of the process:
          --check                     print the configuration and where each value came from, and end
          --config PATH               the configuration's file
          --exit-with-parent[=PID]    end when the process that started this one ends
          --help, --version

        Exit codes:
        \(ExitCode.allCases.map { "  \($0.rawValue)  \($0.meaning)" }.joined(separator: "\n"))
        """
    }

    private static func lines(_ keys: [ConfigurationKeyDeclaration]) -> String {
        keys.map { key in
            "  \(key.flag)  \(key.reason)\n      allowed: \(key.allowed); default: \(key.defaultText)\n"
        }.joined()
    }
}

/// What these executables are.
public enum Software {
    public static let version = "0.1.0"
}
