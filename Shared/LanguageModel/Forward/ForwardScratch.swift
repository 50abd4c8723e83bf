internal import Checkpoint
internal import Compute

/// The buffers of a forward pass, made once, so that a pass allocates nothing.
package final class ForwardScratch {
    /// The dense layers of a layer of the model that read the same input, with where their results go.
    struct Layers {
        let queryKeyValue, output, gateUp, down: [CPUDevice.Layer]
        /// The layers of `gateUp` as one, where that can be.
        let gated: GatedLayers?
    }

    /// Rows of a pass.
    package let rowsMax: Int
    /// Rows of a pass whose logits may be asked for.
    package let logitRowsMax: Int

    let residual, normed, query, key, value, attended, gate, up, projected: AlignedFloats
    let cosines, sines: AlignedFloats
    /// For layers with packed weights, `quantisedInner` for those whose input is `intermediateSize` wide; nil where there
    /// are none.
    let quantised, quantisedInner: QuantisedRows?
    /// `[logitRowsMax, hidden]`.
    let last: AlignedFloats
    /// One per channel: `[logitRowsMax, vocabulary]`.
    let logits: [AlignedFloats]
    let layers: [Layers]
    let heads: [CPUDevice.Layer]
    private let speechHead: SpeechHead?
    /// Of the pass that runs.
    private(set) var pieces: [AttentionPiece] = []

    package init(_ model: LanguageModel, rowsMax: Int, logitRowsMax: Int) {
        precondition(rowsMax > 0 && logitRowsMax > 0, "a pass of \(rowsMax) rows, \(logitRowsMax) with logits")
        self.rowsMax = rowsMax
        self.logitRowsMax = logitRowsMax
        let configuration = model.configuration
        func rows(_ width: Int) -> AlignedFloats { AlignedFloats(count: rowsMax * width) }
        residual = rows(configuration.hiddenSize)
        normed = rows(configuration.hiddenSize)
        projected = rows(configuration.hiddenSize)
        query = rows(configuration.attentionHeads * configuration.headSize)
        attended = rows(configuration.attentionHeads * configuration.headSize)
        key = rows(configuration.keyValueHeads * configuration.headSize)
        value = rows(configuration.keyValueHeads * configuration.headSize)
        gate = rows(configuration.intermediateSize)
        up = rows(configuration.intermediateSize)
        cosines = rows(configuration.headSize / 2)
        sines = rows(configuration.headSize / 2)
        let isPacked = model.precision.isPacked
        quantised =
            isPacked
            ? QuantisedRows(rows: max(rowsMax, logitRowsMax), inputs: Self.quantisedInputs(configuration)) : nil
        quantisedInner = isPacked ? QuantisedRows(rows: rowsMax, inputs: configuration.intermediateSize) : nil
        last = AlignedFloats(count: logitRowsMax * configuration.hiddenSize)
        logits = (0..<configuration.channels).map {
            AlignedFloats(count: logitRowsMax * configuration.vocabulary(of: $0))
        }
        var layers: [Layers] = []
        for layer in model.weights.layers {
            layers.append(
                Layers(
                    queryKeyValue: [
                        .init(layer.query, into: query.base), .init(layer.key, into: key.base),
                        .init(layer.value, into: value.base),
                    ], output: [.init(layer.output, into: projected.base)],
                    gateUp: [.init(layer.gate, into: gate.base), .init(layer.up, into: up.base)],
                    down: [.init(layer.down, into: projected.base)],
                    gated: GatedLayers(gate: layer.gate, up: layer.up)))
        }
        self.layers = layers
        speechHead = model.speechHead
        if speechHead != nil { logits[0].base.update(repeating: -.infinity, count: logits[0].count) }
        let skipped = model.speechHead?.first ?? 0
        let scores = logits
        heads = model.weights.heads.compactMap { part in
            // All of a channel's ids lie side by side, whatever parts its head has.
            let first = part.channel == 0 ? max(0, skipped - part.first) : 0
            guard first < part.weights.outputs else { return nil }
            return CPUDevice.Layer(
                part.weights, into: scores[part.channel].base + part.first,
                stride: configuration.vocabulary(of: part.channel), from: first)
        }
        pieces.reserveCapacity(rowsMax)
    }

    /// Cuts the rows of a pass into pieces for attention.
    ///
    /// - Parameter wantedAlone: Those whose logits are wanted, which lie side by side.
    func cutAttention(_ sequences: [SequenceRows], wantedAlone: Bool = false) {
        pieces.removeAll(keepingCapacity: true)
        var row = 0
        for sequence in sequences {
            let first = wantedAlone ? sequence.count - sequence.logitRows : 0
            for start in stride(from: first, to: sequence.count, by: AttentionPiece.rowsMax) {
                pieces.append(
                    AttentionPiece(
                        pages: UnsafePointer(sequence.cache.bases), row: row + start - first,
                        position: sequence.cache.rows + start,
                        count: min(AttentionPiece.rowsMax, sequence.count - start)))
            }
            row += sequence.count - first
        }
    }

    /// Takes from channel 0 the ids that its head mode forbids; those that it does not compute have no score from the
    /// beginning, and no processor gives them one.
    func forbid(rows: Int) {
        guard let speechHead else { return }
        for row in 0..<rows {
            let scores = logits(channel: 0, row: row)
            for id in speechHead.forbidden { scores[id] = -.infinity }
        }
    }

    /// Knows no sequence's pages longer than its pass.
    func forgetAttention() { pieces.removeAll(keepingCapacity: true) }

    /// Bytes of all buffers.
    package static func bytes(_ model: LanguageModel, rowsMax: Int, logitRowsMax: Int) -> Int {
        let sizes = model.configuration
        let heads = 2 * (sizes.attentionHeads + sizes.keyValueHeads) * sizes.headSize
        let row = 3 * sizes.hiddenSize + heads + 2 * sizes.intermediateSize + sizes.headSize / 2 * 2
        let logits = (0..<sizes.channels).reduce(sizes.hiddenSize) { $0 + sizes.vocabulary(of: $1) }
        let quantised =
            !model.precision.isPacked
            ? 0
            : QuantisedRows.bytes(rows: max(rowsMax, logitRowsMax), inputs: quantisedInputs(sizes))
                + QuantisedRows.bytes(rows: rowsMax, inputs: sizes.intermediateSize)
        return 4 * (rowsMax * row + logitRowsMax * logits) + quantised
    }

    /// Of the layer with most of them, but for those of `quantisedInner`.
    private static func quantisedInputs(_ sizes: LanguageModelConfiguration) -> Int {
        max(sizes.hiddenSize, sizes.attentionHeads * sizes.headSize)
    }

    /// Bytes of the buffers that there are, for comparison with the formula.
    package var floatBytes: Int {
        ([residual, normed, query, key, value, attended, gate, up, projected, cosines, sines, last] + logits)
            .reduce(0) { $0 + 4 * $1.count }
    }

    /// Logits of the pass's `index`-th asked row, `[vocabulary]`.
    package func logits(channel: Int, row index: Int) -> UnsafeMutableBufferPointer<Float> {
        let buffer = logits[channel]
        let vocabulary = buffer.count / logitRowsMax
        return UnsafeMutableBufferPointer(start: buffer.base + index * vocabulary, count: vocabulary)
    }
}
