internal import Printing

/// All findings, and what they come to.
public struct Diagnosis: Sendable {
    public private(set) var findings: [Finding] = []

    public init() {}

    public mutating func add(_ finding: Finding) { findings.append(finding) }

    /// Whether a dialogue could be spoken now.
    public var canSpeak: Bool { !findings.contains { $0.state == .fault } }

    /// For people: a line a finding, behind it what mends it, and the sum.
    public var text: String {
        var table = TextTable()
        for finding in findings { table.add(finding.state.mark, finding.subject, finding.fact) }
        var lines: [String] = []
        for (line, finding) in zip(table.lines, findings) {
            lines.append(line)
            if let remedy = finding.remedy { lines.append("       → \(remedy)") }
        }
        lines.append(canSpeak ? "A dialogue can be spoken." : "No dialogue can be spoken yet.")
        return lines.joined(separator: "\n")
    }
}

extension Finding.State {
    fileprivate var mark: String {
        switch self {
        case .good: "ok"
        case .note: "note"
        case .fault: "FAULT"
        }
    }
}
