internal import Checkpoint
internal import Compute

/// The buffers of a forward pass, made once; a step allocates nothing of size.
package final class ForwardScratch {
    /// Rows of a pass.
    package let rowsMax: Int
    /// Rows of a pass whose logits may be asked for.
    package let logitRowsMax: Int

    let residual, normed, query, key, value, attended, gate, up, projected: AlignedFloats
    let cosines, sines: AlignedFloats
    /// For layers with packed weights; nil where there are none.
    let quantised: QuantisedRows?
    /// `[logitRowsMax, hidden]`.
    let last: AlignedFloats
    /// One per channel: `[logitRowsMax, vocabulary]`.
    let logits: [AlignedFloats]

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
        quantised =
            model.precision == .stored
            ? nil
            : QuantisedRows(
                rows: max(rowsMax, logitRowsMax),
                inputs: max(
                    configuration.hiddenSize, configuration.intermediateSize,
                    configuration.attentionHeads * configuration.headSize))
        last = AlignedFloats(count: logitRowsMax * configuration.hiddenSize)
        logits = (0..<configuration.channels).map {
            AlignedFloats(count: logitRowsMax * configuration.vocabulary(of: $0))
        }
    }

    /// Logits of the pass's `index`-th asked row, `[vocabulary]`.
    package func logits(channel: Int, row index: Int) -> UnsafeMutableBufferPointer<Float> {
        let buffer = logits[channel]
        let vocabulary = buffer.count / logitRowsMax
        return UnsafeMutableBufferPointer(start: buffer.base + index * vocabulary, count: vocabulary)
    }
}
