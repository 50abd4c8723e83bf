internal import Printing

extension BenchmarkReport {
    /// For people: one line a figure, beside it what it means and what the machine would allow.
    public var text: String {
        var lines = frame.lines(": \(frame.threadsText), medians of \(repetitions) alternating repetitions")
        if let languageModel {
            lines +=
                ["language model, \(languageModel.precision)\(memory(of: .languageModel))"]
                + table(languageModel).lines
        }
        if let codec { lines += ["codec, \(codec.precision)\(memory(of: .codec))"] + table(codec).lines }
        if let layers {
            lines += ["layers, \(layers.precision)\(memory(of: .layers))"] + layers.lines(beside: frame.machine)
        }
        return lines.joined(separator: "\n")
    }

    private func memory(of part: BenchmarkPart) -> String {
        peakMemoryBytes[part.rawValue].map { ": peak memory \(Quantity.bytes($0))" } ?? ""
    }

    private func table(_ figures: LanguageModelFigures) -> TextTable {
        var table = TextTable(indent: 2)
        if let seconds = figures.packSeconds { table.add("packing, once", "\(Quantity.number(seconds)) s") }
        table.add("load", "\(Quantity.number(figures.loadSeconds)) s")
        if let prefill = figures.prefillRowsPerSecond?.median {
            let share = frame.machine.flatMap { figures.arithmeticShare(rowsPerSecond: prefill, machine: $0) }
            table.add(
                "prefill, \(figures.promptRows) rows", "\(Quantity.number(prefill)) rows/s", "",
                share.map { "\(Quantity.share($0.share)) of the multiply-adds, \($0.numbers)" } ?? "")
        }
        if let steps = figures.stepsPerSecond?.median {
            let share = frame.machine.flatMap { figures.bandwidthShare(stepsPerSecond: steps, machine: $0) }
            table.add(
                "decode at depth \(figures.depth), 1 stream", "\(Quantity.number(steps)) steps/s",
                factor(figures.realTimeFactor(rowsPerSecond: steps)),
                share.map { "\(Quantity.share($0)) of the plain read" } ?? "")
        }
        for streams in figures.streams {
            guard let rows = streams.rowsPerSecond?.median else { continue }
            table.add(
                "decode at depth \(figures.depth), \(streams.streams) streams",
                "\(Quantity.number(rows)) steps/s in all",
                factor(figures.realTimeFactor(rowsPerSecond: rows, streams: streams.streams)) + " each")
        }
        return table
    }

    private func table(_ figures: CodecFigures) -> TextTable {
        var table = TextTable(indent: 2)
        func add(_ name: String, _ work: Samples?, _ sound: Double) {
            guard let work else { return }
            table.add(
                "\(name) \(Quantity.number(sound)) s", "\(Quantity.number(work.median)) s", factor(work.median / sound))
        }
        add("encode", figures.encodeSeconds, figures.encodedSeconds)
        add("decode", figures.decodeSeconds, figures.decodedSeconds)
        add("decode behind a reference", figures.referencedDecodeSeconds, figures.decodedSeconds)
        return table
    }

    private func factor(_ value: Double) -> String { "real-time factor \(Quantity.number(value))" }
}

extension MachineFigures {
    /// For people: what figures beside them are measured against.
    func lines(processor: String) -> [String] {
        var table = TextTable(indent: 2)
        if let read = bytesReadPerSecond { table.add("plain read", Quantity.rate(read.greatest, "B/s")) }
        func add(_ numbers: String, _ samples: Samples?, _ unit: String) {
            guard let samples else { return }
            table.add("multiply-adds, \(numbers)", Quantity.rate(samples.greatest, unit))
        }
        add("f32", operationsPerSecond, "FLOP/s")
        add("bf16", bfloat16OperationsPerSecond, "FLOP/s")
        add("int8", byteOperationsPerSecond, "OP/s")
        return ["machine: \(processor), \(instructionSet)"] + table.lines
    }
}
