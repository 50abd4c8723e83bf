internal import LanguageModel
internal import Printing

/// The language model's dense layers by kind: what a step reads and computes, and how near that comes to what the machine
/// gives.
public struct LayerFigures: Codable, Equatable, Sendable {
    public struct Kind: Codable, Equatable, Sendable {
        /// For people: `gate, up`.
        public var name: String
        /// Of input, that meet the weights at once.
        public var rows: Int
        /// Of weights, in all of the model's layers of this kind.
        public var weightBytes: Int
        /// Two a multiply-add.
        public var operations: Int
        /// For all of them.
        public var seconds: Samples?

        public init(name: String, rows: Int, weightBytes: Int, operations: Int, seconds: Samples?) {
            self.name = name
            self.rows = rows
            self.weightBytes = weightBytes
            self.operations = operations
            self.seconds = seconds
        }
    }

    /// Of most weights: `int8`.
    public var precision: String
    /// Whether the layers multiply bytes, or f32.
    public var multipliesBytes: Bool
    public var kinds: [Kind]

    public init(precision: String, multipliesBytes: Bool, kinds: [Kind]) {
        self.precision = precision
        self.multipliesBytes = multipliesBytes
        self.kinds = kinds
    }

    /// Rows of input whose products are timed: a lone stream, several, and a piece of a prompt.
    static let rows = [1, 8, 16, 128]

    /// For people: a line a kind and number of rows.
    func lines(beside machine: MachineFigures?) -> [String] {
        var table = TextTable(indent: 2)
        table.add("", "rows", "weights", "operations", "time", "read", "", "computed", "")
        let peak = machine?.multiplyAdds(ofBytes: multipliesBytes)
        for kind in kinds {
            guard let seconds = kind.seconds?.median, seconds > 0 else { continue }
            let read = Double(kind.weightBytes) / seconds
            let computed = Double(kind.operations) / seconds
            table.add(
                kind.name, "\(kind.rows)", Quantity.bytes(kind.weightBytes), Quantity.count(kind.operations),
                "\(Quantity.number(seconds * 1000)) ms", Quantity.rate(read, "B/s"),
                machine?.bytesReadPerSecond.map { "\(Quantity.share(read / $0.greatest)) of the plain read" } ?? "",
                Quantity.rate(computed, "OP/s"),
                peak.map { "\(Quantity.share(computed / $0.perSecond)) of the multiply-adds, \($0.numbers)" } ?? "")
        }
        return table.lines
    }
}

extension LayerFigures.Kind {
    init(_ figure: LayerBenchmark.Figure) {
        let name =
            switch figure.kind {
            case .queryKeyValue: "query, key, value"
            case .attentionOutput: "attention's output"
            case .gateUp: "gate, up"
            case .down: "down"
            case .heads: "heads"
            }
        self.init(
            name: name, rows: figure.rows, weightBytes: figure.weightBytes, operations: 2 * figure.multiplyAdds,
            seconds: Samples(figure.seconds))
    }
}
