/// Cells in aligned columns, for people.
public struct TextTable: Sendable {
    /// Blanks before every line.
    public var indent: Int
    private var rows: [[String]] = []

    public init(indent: Int = 0) { self.indent = indent }

    /// A row may have fewer cells than others.
    public mutating func add(_ cells: String...) { rows.append(cells) }

    public var isEmpty: Bool { rows.isEmpty }

    /// One line a row, without blanks at its end.
    public var lines: [String] {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            var line = String(repeating: " ", count: indent)
            for (column, cell) in row.enumerated() {
                line += cell + String(repeating: " ", count: widths[column] - cell.count + 2)
            }
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }

    public var text: String { lines.joined(separator: "\n") }
}
