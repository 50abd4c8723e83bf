/// Reads the fields of one table of a configuration, each with its range; an error names the field's whole path.
struct ConfigurationFields {
    let file: String
    /// Path of the table, with a dot behind it, or empty.
    let path: String
    private let members: [String: ConfigurationValue]

    init(_ value: ConfigurationValue, file: String, path: String = "") throws(CheckpointError) {
        guard let members = value.asTable else {
            throw CheckpointError(
                .malformed, file: file, subject: path.isEmpty ? nil : path, "is \(value.kind), not a table of fields")
        }
        self.file = file
        self.path = path.isEmpty ? "" : path + "."
        self.members = members
    }

    /// The value under the name; null counts as absent, as the reference has it.
    subscript(name: String) -> ConfigurationValue? {
        guard let value = members[name], value != .null else { return nil }
        return value
    }

    func contains(_ name: String) -> Bool { self[name] != nil }

    func bad(_ name: String, _ reason: String) -> CheckpointError {
        CheckpointError(.badValue, file: file, subject: path + name, reason)
    }

    func absent(_ name: String) -> CheckpointError {
        CheckpointError(.missing, file: file, subject: path + name, "this field is required")
    }

    func optionalInteger(_ name: String, in range: ClosedRange<Int>) throws(CheckpointError) -> Int? {
        guard let value = self[name] else { return nil }
        guard let number = value.asInteger else { throw bad(name, "is \(value.kind); allowed is an integer") }
        guard range.contains(number) else {
            throw bad(name, "is \(number); allowed is \(range.lowerBound)...\(range.upperBound)")
        }
        return number
    }

    func integer(_ name: String, in range: ClosedRange<Int>, default fallback: Int? = nil) throws(CheckpointError)
        -> Int
    {
        if let value = try optionalInteger(name, in: range) { return value }
        guard let fallback else { throw absent(name) }
        return fallback
    }

    func optionalNumber(_ name: String, in range: ClosedRange<Double>) throws(CheckpointError) -> Double? {
        guard let value = self[name] else { return nil }
        guard let number = value.asDouble else { throw bad(name, "is \(value.kind); allowed is a number") }
        guard range.contains(number) else {
            throw bad(name, "is \(number); allowed is \(range.lowerBound)...\(range.upperBound)")
        }
        return number
    }

    func number(_ name: String, in range: ClosedRange<Double>, default fallback: Double) throws(CheckpointError)
        -> Double
    {
        try optionalNumber(name, in: range) ?? fallback
    }

    func bool(_ name: String, default fallback: Bool) throws(CheckpointError) -> Bool {
        guard let value = self[name] else { return fallback }
        guard case .bool(let truth) = value else { throw bad(name, "is \(value.kind); allowed is true or false") }
        return truth
    }

    func string(_ name: String, default fallback: String) throws(CheckpointError) -> String {
        guard let value = self[name] else { return fallback }
        guard let text = value.asString else { throw bad(name, "is \(value.kind); allowed is a text") }
        return text
    }

    /// The field, if it is this one text: for settings of which only one is built.
    func require(_ name: String, toBe only: String) throws(CheckpointError) {
        let value = try string(name, default: only)
        guard value == only else {
            throw CheckpointError(
                .unsupported, file: file, subject: path + name, "is \"\(value)\"; only \"\(only)\" is built")
        }
    }

    func list(_ name: String) throws(CheckpointError) -> [ConfigurationValue]? {
        guard let value = self[name] else { return nil }
        guard let elements = value.asList else { throw bad(name, "is \(value.kind); allowed is a list") }
        return elements
    }

    func table(_ name: String) throws(CheckpointError) -> ConfigurationFields {
        guard let value = self[name] else { throw absent(name) }
        return try ConfigurationFields(value, file: file, path: path + name)
    }
}
