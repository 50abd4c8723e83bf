/// What JSON and YAML can both say. The readers bound depth and size, so that walking a value is safe.
indirect enum ConfigurationValue: Equatable, Sendable {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case list([ConfigurationValue])
    case table([String: ConfigurationValue])

    /// How an error calls it.
    var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a truth value"
        case .integer: "an integer"
        case .number: "a number"
        case .string: "a text"
        case .list: "a list"
        case .table: "a table"
        }
    }

    var asInteger: Int? { if case .integer(let value) = self { value } else { nil } }
    var asString: String? { if case .string(let value) = self { value } else { nil } }
    var asList: [ConfigurationValue]? { if case .list(let elements) = self { elements } else { nil } }
    var asTable: [String: ConfigurationValue]? { if case .table(let members) = self { members } else { nil } }
    /// A number, written with or without a fraction.
    var asDouble: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }
}
