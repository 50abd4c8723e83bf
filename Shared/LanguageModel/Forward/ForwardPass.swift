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
/// A row's bits depend on its sequence alone: not on the other rows of the pass, the pieces or the threads. A pass
/// allocates nothing; only a sequence that grows by a page does, before it.
package struct ForwardPass {
    let model: LanguageModel
    let sequences: [SequenceRows]
    let scratch: ForwardScratch
    /// All at first; from the last layer's attention on those whose logits are wanted, side by side.
    private(set) var rows: Int
    private var areWantedAlone = false

    /// Called with `[rows, hidden]`: 0 the summed embeddings, `k` the residual stream after layer `k`, the last one after
    /// the final norm.
    package typealias Observer = (_ stage: Int, UnsafeBufferPointer<Float>) -> Void

    /// Runs the pass; the logits asked for are then in `scratch`, in the order of the sequences and their rows.
    package static func run(
        _ model: LanguageModel, _ sequences: [SequenceRows], _ scratch: ForwardScratch, observer: Observer? = nil
    ) {
        var pass = ForwardPass(model: model, sequences: sequences, scratch: scratch)
        let layers = model.weights.layers
        scratch.cutAttention(sequences)
        defer {
            for sequence in sequences { sequence.cache.advance(sequence.count) }
            scratch.forgetAttention()
        }
        pass.embed()
        observer?(0, pass.residual)
        if let first = layers.first { pass.forRows(.normalise(first.attentionNorm, isInput: true)) }
        for index in layers.indices {
            let isLast = index + 1 == layers.count
            pass.attend(index, thenWantedAlone: isLast && observer == nil)
            if pass.rows == 0 { return }
            pass.forRows(.addAndNormalise(layers[index].feedForwardNorm, isInput: true))
            pass.feedForward(index)
            pass.forRows(
                isLast
                    ? .addAndNormalise(model.weights.finalNorm, isInput: false)
                    : .addAndNormalise(layers[index + 1].attentionNorm, isInput: true))
            if !isLast { observer?(index + 1, pass.residual) }
        }
        observer?(layers.count, pass.normed)
        pass.project()
    }

    private init(model: LanguageModel, sequences: [SequenceRows], scratch: ForwardScratch) {
        self.model = model
        self.sequences = sequences
        self.scratch = scratch
        rows = sequences.reduce(0) { $0 + $1.count }
        precondition(rows <= scratch.rowsMax, "\(rows) rows in a pass of \(scratch.rowsMax)")
    }

    var kernels: Kernels { model.device.kernels }
    var hidden: Int { model.configuration.hiddenSize }
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
            row += areWantedAlone ? sequence.logitRows : sequence.count
            (scratch.last.base + wanted * hidden).update(
                from: scratch.normed.base + (row - sequence.logitRows) * hidden, count: sequence.logitRows * hidden)
            wanted += sequence.logitRows
        }
        precondition(wanted <= scratch.logitRowsMax, "logits of \(wanted) rows; room for \(scratch.logitRowsMax)")
        guard wanted > 0 else { return }
        model.device.linear(scratch.last.base, rows: wanted, scratch.heads, through: scratch.quantised)
        scratch.forbid(rows: wanted)
    }

    // MARK: Layer

    /// - Parameter wantedAlone: Nobody reads more of this layer than the logits that are wanted of it, and its keys and
    ///   values.
    private mutating func attend(_ index: Int, thenWantedAlone wantedAlone: Bool) {
        let layers = scratch.layers[index]
        model.device.linear(
            scratch.normed.base, rows: rows, layers.queryKeyValue, through: scratch.quantised, areQuantised: true)
        let wanted = sequences.reduce(0) { $0 + $1.logitRows }
        if wantedAlone, wanted < rows {
            HeadTasks.prepare(self, layer: index)
            keepWanted(wanted)
            if rows > 0 { HeadTasks.attend(self, layer: index, isPrepared: true) }
        } else {
            HeadTasks.attend(self, layer: index)
        }
        model.device.linear(
            scratch.attended.base, rows: rows, layers.output, through: scratch.quantised,
            areQuantised: HeadTasks.quantises(self))
    }

    /// Moves what is still needed of the rows whose logits are wanted to the front.
    private mutating func keepWanted(_ wanted: Int) {
        let width = model.configuration.attentionHeads * model.configuration.headSize
        var (row, place) = (0, 0)
        for sequence in sequences {
            row += sequence.count
            for wanted in row - sequence.logitRows..<row {
                (scratch.residual.base + place * hidden).update(
                    from: scratch.residual.base + wanted * hidden, count: hidden)
                (scratch.query.base + place * width).update(from: scratch.query.base + wanted * width, count: width)
                place += 1
            }
        }
        scratch.cutAttention(sequences, wantedAlone: true)
        rows = wanted
        areWantedAlone = true
    }

    private func feedForward(_ index: Int) {
        let layers = scratch.layers[index]
        if rows >= CPUDevice.gatedRowsLeast, let gated = layers.gated, let x = scratch.quantised,
            let inner = scratch.quantisedInner
        {
            model.device.gated(x, rows: rows, gated, into: inner)
        } else {
            model.device.linear(
                scratch.normed.base, rows: rows, layers.gateUp, through: scratch.quantised, areQuantised: true)
            forRows(.activate)
        }
        model.device.linear(
            scratch.gate.base, rows: rows, layers.down, through: scratch.quantisedInner, areQuantised: true)
    }

    private func forRows(_ step: RowSteps.Step) {
        let width: Int
        switch step {
        case .normalise: width = 2 * hidden
        case .addAndNormalise: width = 3 * hidden
        case .activate: width = 2 * model.configuration.intermediateSize
        }
        model.device.forRows(rows, width: width, RowSteps(pass: self, step: step))
    }
}

/// What happens to each row by itself: all of it while the row is in a core's own cache.
private struct RowSteps: RowWork {
    enum Step {
        /// `normed = norm(residual)`; quantised too if it is a layer's input.
        case normalise(AlignedFloats, isInput: Bool)
        /// `residual += projected`, and its norm as above.
        case addAndNormalise(AlignedFloats, isInput: Bool)
        /// `gate = silu(gate) * up`, quantised too.
        case activate
    }

    let pass: ForwardPass
    let step: Step

    func perform(rows: Range<Int>) {
        for row in rows {
            switch step {
            case .normalise(let weight, let isInput):
                let normed = normed(row, of: rows, isInput: isInput)
                pass.kernels.rmsNorm(
                    pass.scratch.residual.base + row * pass.hidden, weight: weight.base, epsilon: epsilon,
                    count: pass.hidden, into: normed)
                if isInput { quantise(normed, pass.hidden, row, into: pass.scratch.quantised) }
            case .addAndNormalise(let weight, let isInput):
                let start = row * pass.hidden
                let normed = normed(row, of: rows, isInput: isInput)
                pass.kernels.addAndRMSNorm(
                    pass.scratch.residual.base + start, pass.scratch.projected.base + start, weight: weight.base,
                    epsilon: epsilon, count: pass.hidden, into: normed)
                if isInput { quantise(normed, pass.hidden, row, into: pass.scratch.quantised) }
            case .activate:
                let inner = pass.model.configuration.intermediateSize
                let gate = pass.scratch.gate.base + row * inner
                pass.kernels.siluMultiply(gate, pass.scratch.up.base + row * inner, count: inner)
                quantise(gate, inner, row, into: pass.scratch.quantisedInner)
            }
        }
    }

    private var epsilon: Float { Float(pass.model.configuration.normEpsilon) }

    /// Where the norm of a row goes. Layers that read it quantised do not read it from there: all rows of a task then take
    /// the place of its first, which stays in the core's own cache.
    private func normed(_ row: Int, of rows: Range<Int>, isInput: Bool) -> UnsafeMutablePointer<Float> {
        let isPassing = isInput && pass.scratch.quantised != nil
        return pass.scratch.normed.base + (isPassing ? rows.lowerBound : row) * pass.hidden
    }

    /// Where layers have packed weights.
    private func quantise(_ x: UnsafePointer<Float>, _ inputs: Int, _ row: Int, into room: QuantisedRows?) {
        guard let room else { return }
        pass.kernels.quantise(x, inputs: inputs, row: row, of: pass.rows, into: room)
    }
}
