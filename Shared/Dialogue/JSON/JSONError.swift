/// Where and why bytes are not the JSON that was expected.
public struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Problem: Equatable, Sendable {
        /// What should have stood there, as words for a person.
        case expected(String)
        case notUTF8
        case loneSurrogate
        case tooDeep
    }

    /// Bytes before the place.
    public let offset: Int
    public let problem: Problem

    public var description: String {
        switch problem {
        case .expected(let wanted): "byte \(offset): expected \(wanted)"
        case .notUTF8: "not valid UTF-8"
        case .loneSurrogate: "byte \(offset): half of a surrogate pair"
        case .tooDeep: "byte \(offset): nested more than \(JSONReader.depthMax) deep"
        }
    }
}
