/// What stands on a service's command line: values of keys, and what the process itself is asked to do.
public struct ConfigurationFlags: Equatable, Sendable {
    /// Texts of a key, in the order in which they were given; by the key's name.
    public var values: [String: [String]] = [:]
    /// `--config PATH`
    public var configPath: String?
    /// `--check`: print the configuration and where it came from, and end.
    public var isCheck = false
    /// `--help`
    public var isHelp = false
    /// `--version`
    public var isVersion = false
    /// `--exit-with-parent`, or `--exit-with-parent=PID` from a parent that names itself.
    public var exitsWithParent = false
    public var parentProcess: Int32?

    public init() {}

    /// - Parameter arguments: Without the executable's name.
    public init(_ arguments: [String], keys: [ConfigurationKeyDeclaration]) throws(ConfigurationError) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            let pieces = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let flag = pieces[0]
            let attached = pieces.count == 2 ? pieces[1] : nil
            switch flag {
            case "--check" where attached == nil: isCheck = true
            case "--help" where attached == nil, "-h" where attached == nil: isHelp = true
            case "--version" where attached == nil: isVersion = true
            case "--config": configPath = try Self.value(of: flag, attached, &rest, allowed: "a path")
            case "--exit-with-parent":
                exitsWithParent = true
                guard let attached else { break }
                guard let process = Int32(attached), process > 0 else {
                    throw ConfigurationError(
                        key: "exit-with-parent", source: .flag(flag), value: attached,
                        allowed: "allowed is a process id")
                }
                parentProcess = process
            default: try take(flag, attached, &rest, keys)
            }
        }
    }

    private mutating func take(
        _ flag: String, _ attached: String?, _ rest: inout ArraySlice<String>, _ keys: [ConfigurationKeyDeclaration]
    ) throws(ConfigurationError) {
        if attached == nil, let key = keys.first(where: { $0.isSwitch && flag == "--no-" + $0.flag.dropFirst(2) }) {
            values[key.name] = ["false"]
            return
        }
        guard let key = keys.first(where: { $0.flag == flag }) else {
            let known = keys.map(\.flag) + ["--check", "--config", "--exit-with-parent", "--help", "--version"]
            let hint = nearestName(to: flag, among: known).map { "did you mean \($0)?" } ?? "--help lists the flags"
            throw ConfigurationError(key: flag, source: .flag(flag), allowed: "is no flag of this service; \(hint)")
        }
        if key.isSwitch {
            values[key.name] = [attached ?? "true"]
        } else if key.takesList {
            values[key.name, default: []] += Self.list(try Self.value(of: flag, attached, &rest, allowed: key.allowed))
        } else {
            values[key.name] = [try Self.value(of: flag, attached, &rest, allowed: key.allowed)]
        }
    }

    private static func value(
        of flag: String, _ attached: String?, _ rest: inout ArraySlice<String>, allowed: String
    ) throws(ConfigurationError) -> String {
        if let attached { return attached }
        guard let next = rest.popFirst() else {
            throw ConfigurationError(key: flag, source: .flag(flag), allowed: "needs a value: \(allowed)")
        }
        return next
    }

    /// The values of a list that stands in one text.
    static func list(_ text: String) -> [String] {
        text.split(separator: ",", omittingEmptySubsequences: false).map {
            String($0.trimmingPrefix(while: \.isWhitespace))
        }
    }
}
