internal import Checkpoint
internal import Compute
package import Tokens

/// Consecutive rows of one sequence, as part of a pass.
package struct SequenceRows {
    let cache: KeyValueCache
    let ids: ArraySlice<Int32>
    let count: Int
    /// The last so many rows' logits are wanted.
    let logitRows: Int

    /// - Parameters:
    ///   - cache: Holds the rows before these, and room for these.
    ///   - rows: Of `grid`; every id in its channel's vocabulary.
    package init(cache: KeyValueCache, grid: TokenGrid, rows: Range<Int>, logitRows: Int) {
        precondition(logitRows <= rows.count, "logits of \(logitRows) among \(rows.count) rows")
        self.cache = cache
        ids = grid.ids[rows.lowerBound * grid.channels..<rows.upperBound * grid.channels]
        count = rows.count
        self.logitRows = logitRows
    }
}

/// One pass over rows of any sequences: decode rows and pieces of prompts together.
///
/// A row's bits depend on its sequence alone: not on the other rows of the pass, the pieces or the threads.
package struct ForwardPass {
    private let model: LanguageModel
    private let sequences: [SequenceRows]
    private let scratch: ForwardScratch
    private let rows: Int
    private let pieces: [AttentionPiece]

    /// Called with `[rows, hidden]`: 0 the summed embeddings, `k` the residual stream after layer `k`, the last one after
    /// the final norm.
    package typealias Observer = (_ stage: Int, UnsafeBufferPointer<Float>) -> Void

    /// Runs the pass; the logits asked for are then in `scratch`, in the order of the sequences and their rows.
    package static func run(
        _ model: LanguageModel, _ sequences: [SequenceRows], _ scratch: ForwardScratch, observer: Observer? = nil
    ) {
        let pass = ForwardPass(model: model, sequences: sequences, scratch: scratch)
        pass.embed()
        observer?(0, pass.residual)
        for (index, layer) in model.weights.layers.enumerated() {
            pass.attend(layer, index)
            pass.feedForward(layer)
            if index + 1 < model.weights.layers.count { observer?(index + 1, pass.residual) }
        }
        pass.normalise(scratch.residual, by: model.weights.finalNorm)
        observer?(model.weights.layers.count, pass.normed)
        pass.project()
        for sequence in sequences { sequence.cache.advance(sequence.count) }
    }

    private init(model: LanguageModel, sequences: [SequenceRows], scratch: ForwardScratch) {
        self.model = model
        self.sequences = sequences
        self.scratch = scratch
        rows = sequences.reduce(0) { $0 + $1.count }
        precondition(rows <= scratch.rowsMax, "\(rows) rows in a pass of \(scratch.rowsMax)")
        pieces = AttentionPiece.cut(sequences)
    }

    private var kernels: Kernels { model.device.kernels }
    private var hidden: Int { model.configuration.hiddenSize }
    private var residual: UnsafeBufferPointer<Float> { .init(start: scratch.residual.base, count: rows * hidden) }
    private var normed: UnsafeBufferPointer<Float> { .init(start: scratch.normed.base, count: rows * hidden) }

    // MARK: Ends

    private func embed() {
        var row = 0
        for sequence in sequences {
            for (offset, id) in sequence.ids.enumerated() {
                let (step, channel) = offset.quotientAndRemainder(dividingBy: model.configuration.channels)
                let x = scratch.residual.base + (row + step) * hidden
                if channel == 0 { x.update(repeating: 0, count: hidden) }
                kernels.add(x, row: Int(id), of: model.weights.embeddings[channel])
            }
            for step in 0..<sequence.count {
                let half = model.configuration.headSize / 2
                model.angles.write(
                    position: sequence.cache.rows + step, cosines: scratch.cosines.base + (row + step) * half,
                    sines: scratch.sines.base + (row + step) * half)
            }
            row += sequence.count
        }
    }

    private func project() {
        var row = 0
        var wanted = 0
        for sequence in sequences {
            row += sequence.count
            (scratch.last.base + wanted * hidden).update(
                from: scratch.normed.base + (row - sequence.logitRows) * hidden, count: sequence.logitRows * hidden)
            wanted += sequence.logitRows
        }
        precondition(wanted <= scratch.logitRowsMax, "logits of \(wanted) rows; room for \(scratch.logitRowsMax)")
        guard wanted > 0 else { return }
        let heads = zip(model.weights.heads, scratch.logits).map { CPUDevice.Layer($0, into: $1.base) }
        model.device.linear(scratch.last.base, rows: wanted, heads, through: scratch.quantised)
    }

    private func normalise(_ x: AlignedFloats, by weight: AlignedFloats) {
        let epsilon = Float(model.configuration.normEpsilon)
        model.device.forRows(rows, width: hidden) { range in
            for row in range {
                kernels.rmsNorm(
                    x.base + row * hidden, weight: weight.base, epsilon: epsilon, count: hidden,
                    into: scratch.normed.base + row * hidden)
            }
        }
    }

    /// `residual += projected`.
    private func addProjected() {
        model.device.forRows(rows, width: hidden) { range in
            let start = range.lowerBound * hidden
            kernels.add(scratch.residual.base + start, scratch.projected.base + start, count: range.count * hidden)
        }
    }

    // MARK: Layer

    private func attend(_ layer: LanguageModelWeights.Layer, _ index: Int) {
        normalise(scratch.residual, by: layer.attentionNorm)
        model.device.linear(
            scratch.normed.base, rows: rows, .init(layer.query, into: scratch.query.base),
            .init(layer.key, into: scratch.key.base), .init(layer.value, into: scratch.value.base),
            through: scratch.quantised)
        rotate(layer)
        store(index)

        let configuration = model.configuration
        let group = configuration.attentionHeads / configuration.keyValueHeads
        let width = configuration.attentionHeads * configuration.headSize
        let scale = Float(1 / Double(configuration.headSize).squareRoot())
        let products = pieces.reduce(0) { $0 + $1.count * ($1.position + $1.count) } * 2 * width
        model.device.run(tasks: pieces.count * configuration.keyValueHeads, products: products) { task in
            let (number, head) = task.quotientAndRemainder(dividingBy: configuration.keyValueHeads)
            let piece = pieces[number]
            let start = piece.row * width + head * group * configuration.headSize
            piece.cache.withBases { bases in
                kernels.attention(
                    scratch.query.base + start, stride: width, firstPosition: piece.position, positions: piece.count,
                    group: group, headSize: configuration.headSize, pages: bases,
                    keyOffset: model.cacheLayout.keyOffset(layer: index, head: head),
                    valueOffset: model.cacheLayout.valueOffset(layer: index, head: head), scale: scale,
                    into: scratch.attended.base + start, stride: width)
            }
        }
        model.device.linear(
            scratch.attended.base, rows: rows, .init(layer.output, into: scratch.projected.base),
            through: scratch.quantised)
        addProjected()
    }

    /// Norms every head of queries and keys, then turns it by its row's position.
    private func rotate(_ layer: LanguageModelWeights.Layer) {
        let configuration = model.configuration
        let size = configuration.headSize
        let epsilon = Float(configuration.normEpsilon)
        let width = (configuration.attentionHeads + configuration.keyValueHeads) * size
        model.device.forRows(rows, width: width) { range in
            for row in range {
                let cosines = scratch.cosines.base + row * (size / 2)
                let sines = scratch.sines.base + row * (size / 2)
                func turn(_ heads: UnsafeMutablePointer<Float>, _ count: Int, _ weight: AlignedFloats) {
                    for head in 0..<count {
                        let x = heads + head * size
                        kernels.rmsNorm(x, weight: weight.base, epsilon: epsilon, count: size, into: x)
                        kernels.rotateHalves(x, cosines: cosines, sines: sines, half: size / 2)
                    }
                }
                let heads = configuration.attentionHeads
                let keyHeads = configuration.keyValueHeads
                turn(scratch.query.base + row * heads * size, heads, layer.queryNorm)
                turn(scratch.key.base + row * keyHeads * size, keyHeads, layer.keyNorm)
            }
        }
    }

    /// Writes the rows' keys and values into their sequences' pages.
    private func store(_ index: Int) {
        let heads = model.configuration.keyValueHeads
        let size = model.configuration.headSize
        var row = 0
        for sequence in sequences {
            for step in 0..<sequence.count {
                let position = sequence.cache.rows + step
                for head in 0..<heads {
                    let from = ((row + step) * heads + head) * size
                    let keyOffset = model.cacheLayout.keyOffset(layer: index, head: head)
                    let valueOffset = model.cacheLayout.valueOffset(layer: index, head: head)
                    sequence.cache.address(row: position, offset: keyOffset)
                        .update(from: scratch.key.base + from, count: size)
                    sequence.cache.address(row: position, offset: valueOffset)
                        .update(from: scratch.value.base + from, count: size)
                }
            }
            row += sequence.count
        }
    }

    private func feedForward(_ layer: LanguageModelWeights.Layer) {
        normalise(scratch.residual, by: layer.feedForwardNorm)
        model.device.linear(
            scratch.normed.base, rows: rows, .init(layer.gate, into: scratch.gate.base),
            .init(layer.up, into: scratch.up.base), through: scratch.quantised)
        let inner = model.configuration.intermediateSize
        model.device.forRows(rows, width: inner) { range in
            let start = range.lowerBound * inner
            kernels.siluMultiply(scratch.gate.base + start, scratch.up.base + start, count: range.count * inner)
        }
        model.device.linear(
            scratch.gate.base, rows: rows, .init(layer.down, into: scratch.projected.base), through: scratch.quantised)
        addProjected()
    }
}

/// Rows of one sequence that one task attends for, per key/value head.
private struct AttentionPiece {
    let cache: KeyValueCache
    /// In the pass.
    let row: Int
    /// In the sequence.
    let position: Int
    let count: Int

    static func cut(_ sequences: [SequenceRows]) -> [AttentionPiece] {
        let rowsMax = 16
        var pieces: [AttentionPiece] = []
        var row = 0
        for sequence in sequences {
            for start in stride(from: 0, to: sequence.count, by: rowsMax) {
                pieces.append(
                    AttentionPiece(
                        cache: sequence.cache, row: row + start, position: sequence.cache.rows + start,
                        count: min(rowsMax, sequence.count - start)))
            }
            row += sequence.count
        }
        return pieces
    }
}
