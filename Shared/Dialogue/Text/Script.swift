/// A dialogue as people write it: turns, each after the tag of who speaks, `[S1]` or `[S2]`.
///
/// Reading a script is stricter than the model is: what would be read aloud by nobody, or as something else than was
/// meant, is refused or warned of, with its place.
public struct Script: Equatable, Sendable {
    /// What one speaker says in a stretch.
    public struct Turn: Equatable, Sendable {
        /// From 1; nil in a script without tags.
        public let speaker: Int?
        /// Without white space at either end; may be empty.
        public let text: String
        public let place: ScriptPlace
    }

    /// The script as it came.
    public let text: String
    public let turns: [Turn]
    /// At most `warningsMax`, in the order of their places.
    public let warnings: [ScriptWarning]

    /// Who speaks, each once, in rising order.
    public var speakers: [Int] { Set(turns.compactMap(\.speaker)).sorted() }

    /// A script may be wrong in the same way in a thousand places; the first of them tell it.
    public static let warningsMax = 20
    /// Some ten hours of speech: a bound on what is read, not advice. A service sets its own.
    public static let bytesMax = 1 << 20

    /// - Parameters:
    ///   - text: The script. Lines have no meaning, only tags have.
    ///   - speakers: How many the model can tell apart.
    ///   - numericTags: Whether `[1]` is a tag too, which it is where the text rules run.
    ///   - bytesMax: Longer ones are refused before they are read.
    public init(
        _ text: String, speakers: Int, numericTags: Bool, bytesMax: Int = Self.bytesMax
    ) throws(ScriptError) {
        guard text.utf8.count <= bytesMax else {
            throw ScriptError(.tooLong(bytes: text.utf8.count, bytesMax: bytesMax), at: .start)
        }
        var reader = ScriptReader(text, speakers: speakers, numericTags: numericTags)
        try reader.read()
        self.text = text
        turns = reader.turns
        warnings = reader.warnings
    }
}

/// A place in a script, both counted from 1; a column is a Unicode scalar.
public struct ScriptPlace: Equatable, Sendable, CustomStringConvertible {
    public let line: Int
    public let column: Int

    static let start = ScriptPlace(line: 1, column: 1)
    public var description: String { "line \(line), column \(column)" }
}

/// Why a script is refused.
public struct ScriptError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Problem: Equatable, Sendable {
        case empty
        case nothingSaid
        case tooLong(bytes: Int, bytesMax: Int)
        case textBeforeFirstTag
        /// The tag as written, cut to a few characters.
        case unknownSpeaker(String, speakers: Int)
        /// Digits of another script, or leading zeros: the model would read the tag aloud.
        case oddDigits(String)
        case unclosedTag(String)
        case reservedToken(String)
    }

    public let problem: Problem
    public let place: ScriptPlace

    init(_ problem: Problem, at place: ScriptPlace) {
        self.problem = problem
        self.place = place
    }

    /// At the first `needle` in `text`.
    init(_ problem: Problem, in text: String, before needle: String) {
        var place = ScriptPlace.start
        var rest = text.unicodeScalars[...]
        while !rest.isEmpty, !rest.starts(with: needle.unicodeScalars) {
            place = place.advanced(over: rest.removeFirst())
        }
        self.init(problem, at: place)
    }

    public var description: String { "\(place): \(problem.words)" }
}

extension ScriptError.Problem {
    var words: String {
        switch self {
        case .empty: "the script is empty"
        case .nothingSaid: "no turn says anything"
        case .tooLong(let bytes, let bytesMax): "the script has \(bytes) bytes; allowed are \(bytesMax)"
        case .textBeforeFirstTag: "text before the first tag is said by nobody; begin with [S1]"
        case .unknownSpeaker(let tag, let speakers):
            "\(tag): there are \(speakers) speakers, from [S1] to [S\(speakers)]"
        case .oddDigits(let tag): "\(tag): write the number with plain digits, as in [S1]"
        case .unclosedTag(let tag): "\(tag) lacks its closing bracket"
        case .reservedToken(let token): "\(token) is a sign of the model's own; write it otherwise"
        }
    }
}

/// What in a script may be meant otherwise than it will be heard.
public struct ScriptWarning: Equatable, Sendable, CustomStringConvertible {
    public enum Problem: Equatable, Sendable {
        case noTags
        case emptyTurn
        /// Text like a tag that is none, cut to a few characters.
        case looksLikeTag(String)
    }

    public let problem: Problem
    public let place: ScriptPlace

    public var description: String {
        switch problem {
        case .noTags: "\(place): no tags: who speaks is left to the model; begin with [S1]"
        case .emptyTurn: "\(place): the turn is empty"
        case .looksLikeTag(let text): "\(place): \(text) is no tag and will be read as text; write [S1]"
        }
    }
}
