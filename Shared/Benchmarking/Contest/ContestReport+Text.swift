internal import Printing

extension ContestReport {
    /// For people: what a kind came to, as soon as both have done it; nil before.
    public func text(of kind: ContestKind) -> String? {
        guard let result = results.first(where: { $0.kind == kind }), let cells = cells(result) else { return nil }
        return "\(kind.title): \(cells.ours), \(peer.name) \(cells.theirs), ratio \(cells.ratio)"
    }

    /// For people: a line a kind, medians and their ratio.
    public var text: String {
        let build = peer.build.map { " \($0)" } ?? ""
        let model = peer.model.map { " with \($0)" } ?? ""
        let lines = frame.lines(
            ", beside \(peer.name)\(build)\(model): \(frame.threadsText), medians of \(repetitions) "
                + "\(repetitions == 1 ? "repetition" : "repetitions") in turn")
        var table = TextTable(indent: 2)
        table.add("", "colloquy", peer.name, "ratio")
        for part in BenchmarkPart.usual {
            let results = results.filter { $0.kind.part == part }
            let told = results.compactMap { result in cells(result).map { (result.kind.title, $0) } }
            for (title, cells) in told { table.add(title, cells.ours, cells.theirs, cells.ratio) }
            if told.isEmpty { continue }
            table.add("peak memory, \(part.title)", memory(results.map(\.ours)), memory(results.flatMap(\.theirs)), "")
        }
        return (lines + table.lines).joined(separator: "\n")
    }

    private func cells(_ result: Result) -> (ours: String, theirs: String, ratio: String)? {
        guard let ratio = result.ratio, let fastest = result.fastest else { return nil }
        let others = result.theirs.filter { $0.precision != fastest.precision }.compactMap { series in
            series.median.map { "\(series.precision ?? ""): \(Quantity.number($0))" }
        }
        return (
            cell(result.ours, result.kind),
            cell(fastest, result.kind) + (others.isEmpty ? "" : " (\(others.joined(separator: ", ")))"),
            Quantity.number(ratio)
        )
    }

    private func cell(_ series: Series, _ kind: ContestKind) -> String {
        let rate = series.median.map { "\(Quantity.number($0)) \(kind.unit)" } ?? ""
        let share = Samples(series.sharesOfPlainRead).map { Int(($0.median * 100).rounded()) }
        return rate + (series.precision.map { ", \($0)" } ?? "") + (share.map { ", \($0) % of a plain read" } ?? "")
    }

    /// The largest of each precision.
    private func memory(_ series: [Series]) -> String {
        var peaks: [(precision: String?, bytes: Int)] = []
        for one in series {
            guard let bytes = one.peakMemoryBytes else { continue }
            if let place = peaks.firstIndex(where: { $0.precision == one.precision }) {
                peaks[place].bytes = max(peaks[place].bytes, bytes)
            } else {
                peaks.append((one.precision, bytes))
            }
        }
        return peaks.map { peak in
            Quantity.bytes(peak.bytes) + (peaks.count > 1 ? peak.precision.map { ", \($0)" } ?? "" : "")
        }.joined(separator: "; ")
    }
}

extension BenchmarkPart {
    /// For people.
    fileprivate var title: String {
        switch self {
        case .machine: "machine"
        case .languageModel: "language model"
        case .codec: "codec"
        case .layers: "layers"
        }
    }
}
