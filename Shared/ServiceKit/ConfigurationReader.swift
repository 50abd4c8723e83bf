/// Finds each key's value in rising precedence: default, file, the file's section of this service, environment, flag.
///
/// A name that no key has, a wrong type and a value out of range end in a `ConfigurationError`: a typo never silently
/// becomes the default.
public struct ConfigurationReader: Sendable {
    /// A key as it stands after all sources, for `--check`.
    public struct Effective: Equatable, Sendable {
        public let name: String
        public let value: String
        public let source: ConfigurationError.Source
    }

    /// Variables with our prefix that are no keys of a service: where the file is, and what build and tests use.
    static let otherVariables: Set<String> = [
        "COLLOQUY_CONFIG", "COLLOQUY_DEMO_MODEL", "COLLOQUY_ISA", "COLLOQUY_ROOM", "COLLOQUY_SHARED",
    ]

    public private(set) var effective: [Effective] = []
    public let environment: [String: String]
    private let service: String
    private let shared: [ConfigurationKeyDeclaration]
    private let own: [ConfigurationKeyDeclaration]
    private let flags: ConfigurationFlags
    private let file: ConfigurationFile?

    /// - Parameters:
    ///   - service: `codec`; names the file's section and the prefix of its own variables.
    ///   - shared: Keys that every service has.
    ///   - own: Keys of this service alone.
    public init(
        service: String, shared: [ConfigurationKeyDeclaration], own: [ConfigurationKeyDeclaration],
        flags: ConfigurationFlags, environment: [String: String], file: ConfigurationFile?
    ) throws(ConfigurationError) {
        self.service = service
        self.shared = shared
        self.own = own
        self.flags = flags
        self.environment = environment
        self.file = file
        let names = (shared + own).map(\.name)
        precondition(Set(names).count == names.count, "a key is declared twice among \(names)")
        try refuseUnknownVariables()
        if let file { try refuseUnknownEntries(of: file) }
    }

    /// The key's value, with the default of its declaration.
    public mutating func value<Value>(of key: ConfigurationKey<Value>) throws(ConfigurationError) -> Value {
        guard let given = try given(key) else {
            guard let fallback = key.fallback else {
                preconditionFailure("\(key.declaration.name) has no default of its own: read it with orElse")
            }
            effective.append(
                Effective(name: key.declaration.name, value: key.declaration.defaultText, source: .default))
            return fallback
        }
        return given
    }

    /// The key's value, or one that was found elsewhere.
    public mutating func value<Value>(
        of key: ConfigurationKey<Value>, orElse fallback: Value
    ) throws(ConfigurationError) -> Value {
        if let given = try given(key) { return given }
        let text = (fallback as? [String])?.joined(separator: ",") ?? "\(fallback)"
        effective.append(Effective(name: key.declaration.name, value: text, source: .default))
        return fallback
    }

    /// The key's value where someone gave one.
    public mutating func optionalValue<Value>(of key: ConfigurationKey<Value>) throws(ConfigurationError) -> Value? {
        if let given = try given(key) { return given }
        effective.append(
            Effective(name: key.declaration.name, value: "(\(key.declaration.defaultText))", source: .default))
        return nil
    }

    private mutating func given<Value>(_ key: ConfigurationKey<Value>) throws(ConfigurationError) -> Value? {
        let declaration = key.declaration
        precondition((shared + own).contains(declaration), "\(declaration.name) is read but not declared")
        guard let found = texts(of: declaration) else { return nil }
        let text = found.texts.joined(separator: ",")
        guard !found.isMisplacedList, let value = key.read(found.texts) else {
            throw ConfigurationError(
                key: declaration.name, source: found.source, value: text,
                allowed: "allowed is \(declaration.allowed) (\(declaration.reason))")
        }
        effective.append(Effective(name: declaration.name, value: text, source: found.source))
        return value
    }

    private struct Found {
        let texts: [String]
        let source: ConfigurationError.Source
        var isMisplacedList = false
    }

    /// Where the key stands with the highest precedence.
    private func texts(of key: ConfigurationKeyDeclaration) -> Found? {
        if let texts = flags.values[key.name] { return Found(texts: texts, source: .flag(key.flag)) }
        for variable in variables(of: key) {
            guard let text = environment[variable] else { continue }
            return Found(
                texts: key.takesList ? ConfigurationFlags.list(text) : [text],
                source: .environment(variable: variable))
        }
        guard let file else { return nil }
        let entries = (file.sections[service] ?? []) + (isShared(key) ? file.shared : [])
        return entries.first { $0.name == key.name }.map {
            Found(
                texts: key.takesList && !$0.isList ? ConfigurationFlags.list($0.texts[0]) : $0.texts,
                source: .file(path: file.path, line: $0.line), isMisplacedList: $0.isList && !key.takesList)
        }
    }

    private func isShared(_ key: ConfigurationKeyDeclaration) -> Bool { shared.contains { $0.name == key.name } }

    /// A shared key may be set for one service alone: `COLLOQUY_CODEC_SLOTS` goes before `COLLOQUY_SLOTS`.
    private func variables(of key: ConfigurationKeyDeclaration) -> [String] {
        let name = key.name.uppercased()
        let ofService = "COLLOQUY_\(service.uppercased())_\(name)"
        return isShared(key) ? [ofService, "COLLOQUY_\(name)"] : [ofService]
    }

    private func refuseUnknownVariables() throws(ConfigurationError) {
        let known = (shared + own).flatMap(variables(of:))
        let prefix = "COLLOQUY_\(service.uppercased())_"
        let foreign = ConfigurationFile.services.filter { $0 != service }.map { "COLLOQUY_\($0.uppercased())_" }
        for (variable, value) in environment.sorted(by: { $0.key < $1.key }) where variable.hasPrefix("COLLOQUY_") {
            if known.contains(variable) || Self.otherVariables.contains(variable) { continue }
            if variable.hasPrefix("COLLOQUY_TEST_") { continue }
            if !variable.hasPrefix(prefix), foreign.contains(where: variable.hasPrefix) { continue }
            let hint = nearestName(to: variable, among: known).map { "did you mean \($0)?" } ?? "--help lists the keys"
            throw ConfigurationError(
                key: variable, source: .environment(variable: variable), value: value, allowed: "is no key; \(hint)")
        }
    }

    private func refuseUnknownEntries(of file: ConfigurationFile) throws(ConfigurationError) {
        try refuse(file.shared, unlessAmong: shared, path: file.path, place: "a key for every service")
        try refuse(
            file.sections[service] ?? [], unlessAmong: shared + own, path: file.path, place: "a key of the \(service)")
    }

    private func refuse(
        _ entries: [ConfigurationFile.Entry], unlessAmong keys: [ConfigurationKeyDeclaration], path: String,
        place: String
    ) throws(ConfigurationError) {
        for entry in entries where !keys.contains(where: { $0.name == entry.name }) {
            let hint =
                if own.contains(where: { $0.name == entry.name }) {
                    "it belongs under services: \(service):"
                } else if let near = nearestName(to: entry.name, among: keys.map(\.name)) {
                    "did you mean \(near)?"
                } else {
                    "--help lists the keys"
                }
            throw ConfigurationError(
                key: entry.name, source: .file(path: path, line: entry.line), value: entry.texts.joined(separator: ","),
                allowed: "is not \(place); \(hint)")
        }
    }
}
