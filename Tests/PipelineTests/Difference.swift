import Tokens

/// Where two matrices first differ, in few words; nil when they are equal.
func difference(_ actual: TokenGrid, _ expected: TokenGrid) -> String? {
    difference(actual.ids, expected.ids, width: expected.channels, "row", "channel")
}

func difference(_ actual: CodeMatrix, _ expected: CodeMatrix) -> String? {
    difference(actual.codes, expected.codes, width: expected.codebooks, "frame", "codebook")
}

private func difference<Value: Equatable>(
    _ actual: [Value], _ expected: [Value], width: Int, _ row: String, _ column: String
) -> String? {
    if let place = zip(actual, expected).enumerated().first(where: { $0.element.0 != $0.element.1 })?.offset {
        return "\(row) \(place / width), \(column) \(place % width): \(actual[place]), expected \(expected[place])"
    }
    return actual.count == expected.count
        ? nil : "\(actual.count / width) \(row)s, expected \(expected.count / width)"
}
