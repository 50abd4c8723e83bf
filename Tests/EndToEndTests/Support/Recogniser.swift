import Foundation

/// Which words a listener hears: Debian's pocketsphinx with its own English model.
///
/// Every word of the vocabulary is equally probable, so that the sentence gives no help.
struct Recogniser {
    private static let model = "/usr/share/pocketsphinx/model/en-us"

    private let home: Home
    private var dictionary: String { home.path("words.dict") }
    private var grammar: String { home.path("words.arpa") }

    /// - Throws: When the package's dictionary cannot be read or has no such word.
    init(vocabulary: [String], home: Home) throws {
        self.home = home
        let wanted = Set(vocabulary)
        let spoken = try String(contentsOfFile: "\(Self.model)/cmudict-en-us.dict", encoding: .utf8)
            .split(separator: "\n").filter { wanted.contains(Self.plain($0.prefix { $0 != " " })) }
        let known = Set(spoken.map { Self.plain($0.prefix { $0 != " " }) })
        guard known == wanted else { throw Unknown(words: wanted.subtracting(known).sorted()) }
        try (spoken.joined(separator: "\n") + "\n").write(toFile: dictionary, atomically: true, encoding: .utf8)

        let share = log10(0.95 / Double(wanted.count))
        let words = wanted.sorted().map { "\(share) \($0)\n" }.joined()
        try "\\data\\\nngram 1=\(wanted.count + 2)\n\n\\1-grams:\n-99 <s>\n\(log10(0.05)) </s>\n\(words)\n\\end\\\n"
            .write(toFile: grammar, atomically: true, encoding: .utf8)
    }

    /// - Parameter files: WAV files of 16 kHz and 16 bits in the home, without `.wav`.
    /// - Returns: The words heard in each.
    func hear(_ files: [String]) async throws -> [[String]] {
        try files.map { $0 + "\n" }.joined().write(toFile: home.path("files"), atomically: true, encoding: .utf8)
        let outcome = try await Command(
            "/usr/bin/pocketsphinx_batch",
            [
                "-adcin", "yes", "-adchdr", "44", "-cepdir", home.path(""), "-cepext", ".wav", "-ctl",
                home.path("files"), "-hmm", "\(Self.model)/en-us", "-dict", dictionary, "-lm", grammar, "-hyp",
                home.path("heard"),
            ], home.environment
        ).run()
        guard outcome.isSuccess else { throw Deaf(errors: outcome.errors) }
        // One line a file: the words, then in brackets the file and a score.
        return try String(contentsOfFile: home.path("heard"), encoding: .utf8).split(separator: "\n").map { line in
            line.prefix(upTo: line.lastIndex(of: "(") ?? line.endIndex).split(separator: " ").map { Self.plain($0) }
        }
    }

    /// Without the number of a further pronunciation: `a(2)` is `a`.
    private static func plain(_ word: Substring) -> String { String(word.prefix { $0 != "(" }) }

    struct Unknown: Error { let words: [String] }

    struct Deaf: Error { let errors: String }
}

/// The fewest words to insert, delete or change that make one list of the other.
func edits(_ wanted: [String], _ heard: [String]) -> Int {
    var row = Array(0...heard.count)
    for (index, word) in wanted.enumerated() {
        var corner = row[0]
        row[0] = index + 1
        for (column, other) in heard.enumerated() {
            let changed = corner + (word == other ? 0 : 1)
            corner = row[column + 1]
            row[column + 1] = min(changed, corner + 1, row[column] + 1)
        }
    }
    return row[heard.count]
}
