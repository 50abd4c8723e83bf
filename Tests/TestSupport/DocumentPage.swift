import Foundation

/// A page of `Docs/`, with its tables, so that tests hold what it says to the code.
public struct DocumentPage: Sendable {
    /// A table and the heading it stands under. Cells are as written, without the spaces around them.
    public struct Table: Sendable {
        public let heading: String
        public let header: [String]
        public let rows: [[String]]
    }

    public let text: String
    /// Without their signs, in order.
    public let headings: [String]
    public let tables: [Table]

    /// - Parameter path: Of the page, from the package's root: `Docs/Protocol.md`.
    public init(_ path: String) throws {
        self.init(
            text: try String(contentsOf: SharedFolder.packageRoot.appending(path: path), encoding: .utf8))
    }

    init(text: String) {
        self.text = text
        var headings: [String] = []
        var tables: [Table] = []
        var lines: [String] = []
        var isCode = false
        func endTable() {
            if lines.count >= 2 {
                let cells = lines.map(Self.cells)
                tables.append(Table(heading: headings.last ?? "", header: cells[0], rows: Array(cells[2...])))
            }
            lines = []
        }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") { isCode.toggle() }
            if !isCode, line.hasPrefix("|") {
                lines.append(String(line))
                continue
            }
            endTable()
            guard !isCode, line.hasPrefix("#") else { continue }
            headings.append(String(line.drop { $0 == "#" }).trimmingCharacters(in: .whitespaces))
        }
        endTable()
        self.headings = headings
        self.tables = tables
    }

    /// The tables under a heading.
    public func tables(under heading: String) -> [Table] { tables.filter { $0.heading == heading } }

    /// The text between a heading and the next one.
    public func section(_ heading: String) -> Substring {
        guard let start = text.range(of: "# \(heading)\n")?.upperBound else { return "" }
        return text[start..<(text.range(of: "\n#", range: start..<text.endIndex)?.lowerBound ?? text.endIndex)]
    }

    private static func cells(_ line: String) -> [String] {
        line.replacing("\\|", with: "\u{0}").split(separator: "|").map {
            $0.replacing("\u{0}", with: "|").trimmingCharacters(in: .whitespaces)
        }
    }
}

extension String {
    /// What stands in a cell between backquotes; the cell itself without them.
    public var unquoted: String { trimmingCharacters(in: CharacterSet(charactersIn: "`")) }
}
