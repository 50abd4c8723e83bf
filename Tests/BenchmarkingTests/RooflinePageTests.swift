import Checkpoint
import Compute
import LanguageModel
import TestSupport
import Testing

/// Docs/Roofline.md against the sizes and layouts that the code has.
@Suite struct RooflinePageTests {
    private let sizes = LanguageModelConfiguration.mossTTSD

    /// What stands in the name of a matrix, by the row of the table.
    private static let kinds = [
        ("query, key, value", ["q_proj", "k_proj", "v_proj"]), ("attention's output", ["o_proj"]),
        ("gate, up", ["gate_proj", "up_proj"]), ("down", ["down_proj"]), ("heads", ["embedding_list"]), ("all", [""]),
    ]

    @Test func theBytesOfAStepAreThoseOfTheLayouts() throws {
        let page = try DocumentPage("Docs/Roofline.md")
        let tables = page.tables(under: "Bytes and operations of a step")
        try #require(tables.count == 2)
        let expected = Self.kinds.map { kind, names in
            func matrices(_ precision: WeightPrecision) -> [PackedLayout] {
                precision.packedMatrices(sizes).filter { matrix in
                    names.contains { matrix.name.contains($0) || $0.isEmpty }
                }
                .map(\.layout)
            }
            let products = matrices(.int8).reduce(0) { $0 + $1.outputs * $1.inputs }
            let counts =
                [products, 2 * products] + [.int8, .int4].map { matrices($0).reduce(0) { $0 + $1.byteCount } }
            return [kind] + counts.map(grouped)
        }
        #expect(tables[0].rows == expected)
        let keysAndValues = [300, 1000].map { depth in
            let numbers = 2 * sizes.layers * sizes.keyValueHeads * sizes.headSize * depth
            let operations = 2 * 2 * sizes.layers * sizes.attentionHeads * sizes.headSize * depth
            return ["\(depth)"] + [2 * numbers, 4 * numbers, operations].map(grouped)
        }
        #expect(tables[1].rows == keysAndValues)
    }

    /// `1,136,901,120`
    private func grouped(_ count: Int) -> String {
        let digits = String(count)
        return digits.enumerated().map { index, digit in
            index > 0 && (digits.count - index) % 3 == 0 ? ",\(digit)" : "\(digit)"
        }.joined()
    }
}
