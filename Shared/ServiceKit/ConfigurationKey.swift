import Wire

/// What a key of the configuration is called and may hold: declared once, read by flags, environment and file alike.
public struct ConfigurationKeyDeclaration: Equatable, Sendable {
    /// In the file: `drain_seconds`. The flag is `--drain-seconds`, the variable `COLLOQUY_DRAIN_SECONDS` for a shared
    /// key and `COLLOQUY_CODEC_WINDOWS_MAX` for a key of the codec's own.
    public let name: String
    /// For people, in errors and in `--help`: `0...600`.
    public let allowed: String
    /// For people: `30`, or how the default is found.
    public let defaultText: String
    /// Why one would change it.
    public let reason: String
    /// Several values: a list in the file, separated by commas elsewhere.
    public let takesList: Bool
    /// A bare `--name` means true and `--no-name` false.
    public let isSwitch: Bool

    /// `--drain-seconds`
    public var flag: String { "--" + name.replacing("_", with: "-") }
}

/// A typed key. `read` refuses a text by returning nil; the declaration then says what is allowed.
public struct ConfigurationKey<Value: Sendable>: Sendable {
    public let declaration: ConfigurationKeyDeclaration
    let fallback: Value?
    let read: @Sendable (_ texts: [String]) -> Value?

    init(
        _ name: String, allowed: String, fallback: Value?, defaultText: String, reason: String,
        takesList: Bool = false, isSwitch: Bool = false, read: @escaping @Sendable ([String]) -> Value?
    ) {
        declaration = ConfigurationKeyDeclaration(
            name: name, allowed: allowed, defaultText: defaultText, reason: reason, takesList: takesList,
            isSwitch: isSwitch)
        self.fallback = fallback
        self.read = read
    }
}

extension ConfigurationKey where Value == Int {
    /// A whole number. Without a `fallback` the reader of the key finds the default, and `defaultText` says how.
    public static func integer(
        _ name: String, _ range: ClosedRange<Int>, default fallback: Int?, defaultText: String? = nil, reason: String
    ) -> Self {
        Self(
            name, allowed: "\(range.lowerBound)...\(range.upperBound)", fallback: fallback,
            defaultText: defaultText ?? fallback.map(String.init) ?? "", reason: reason
        ) { texts in
            texts.first.flatMap { Int($0) }.flatMap { range.contains($0) ? $0 : nil }
        }
    }
}

extension ConfigurationKey where Value == Double {
    public static func number(
        _ name: String, _ range: ClosedRange<Double>, default fallback: Double, reason: String
    ) -> Self {
        Self(
            name, allowed: "\(range.lowerBound)...\(range.upperBound)", fallback: fallback, defaultText: "\(fallback)",
            reason: reason
        ) { texts in
            texts.first.flatMap { Double($0) }.flatMap { range.contains($0) ? $0 : nil }
        }
    }
}

extension ConfigurationKey where Value == Bool {
    public static func flag(_ name: String, default fallback: Bool, reason: String) -> Self {
        Self(
            name, allowed: "true, false", fallback: fallback, defaultText: "\(fallback)", reason: reason, isSwitch: true
        ) { texts in
            switch texts.first {
            case "true", "yes", "on", "1": true
            case "false", "no", "off", "0": false
            default: nil
            }
        }
    }
}

extension ConfigurationKey where Value == Duration {
    /// Whole seconds; the name says so (`drain_seconds`).
    public static func seconds(
        _ name: String, _ range: ClosedRange<Int>, default fallback: Int, reason: String
    ) -> Self { duration(name, range, fallback, reason) { .seconds($0) } }

    /// Whole milliseconds; the name says so (`heartbeat_milliseconds`).
    public static func milliseconds(
        _ name: String, _ range: ClosedRange<Int>, default fallback: Int, reason: String
    ) -> Self { duration(name, range, fallback, reason) { .milliseconds($0) } }

    private static func duration(
        _ name: String, _ range: ClosedRange<Int>, _ fallback: Int, _ reason: String,
        unit: @escaping @Sendable (Int) -> Duration
    ) -> Self {
        Self(
            name, allowed: "\(range.lowerBound)...\(range.upperBound)", fallback: unit(fallback),
            defaultText: "\(fallback)", reason: reason
        ) { texts in
            texts.first.flatMap { Int($0) }.flatMap { range.contains($0) ? unit($0) : nil }
        }
    }
}

extension ConfigurationKey where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One of a few words.
    public static func choice(_ name: String, default fallback: Value?, defaultText: String? = nil, reason: String)
        -> Self
    {
        Self(
            name, allowed: Value.allCases.map(\.rawValue).joined(separator: ", "), fallback: fallback,
            defaultText: defaultText ?? fallback?.rawValue ?? "", reason: reason
        ) { texts in texts.first.flatMap { Value(rawValue: $0) } }
    }
}

extension ConfigurationKey where Value == String {
    /// A text that is not empty.
    public static func text(_ name: String, allowed: String, defaultText: String, reason: String) -> Self {
        Self(name, allowed: allowed, fallback: nil, defaultText: defaultText, reason: reason) { texts in
            texts.first.flatMap { $0.isEmpty || $0.contains("\0") ? nil : $0 }
        }
    }

    /// A path of the file system; `~/` is the home folder when the shell has not seen to it.
    public static func path(_ name: String, defaultText: String, reason: String) -> Self {
        text(name, allowed: "a path", defaultText: defaultText, reason: reason)
    }
}

extension ConfigurationKey where Value == [String] {
    /// Places of sockets, at most 16: more are a mistake.
    public static func endpoints(_ name: String, defaultText: String, reason: String) -> Self {
        Self(
            name,
            allowed: "1 to 16 of ipc:///path (at most 107 bytes) or tcp://host:port",
            fallback: nil, defaultText: defaultText, reason: reason, takesList: true
        ) { texts in
            (1...16).contains(texts.count) && texts.allSatisfy { (try? WireEndpoint($0)) != nil } ? texts : nil
        }
    }
}
