internal import Checkpoint
internal import Compute

/// Rows of one sequence that one task attends for, per key/value head.
struct AttentionPiece {
    static let rowsMax = 16

    /// Of the sequence's cache, which the pass keeps: one for `AttentionKernels.pageRows` rows each.
    let pages: UnsafePointer<UnsafeRawPointer>
    /// In the pass.
    let row: Int
    /// In the sequence.
    let position: Int
    let count: Int
}

/// A layer's attention, a piece of a sequence and a key/value head a task.
///
/// Keys and queries are normed and turned by their rows' positions, keys and values go into their pages, and then the
/// queries attend. Where every sequence is one piece, all of it is one task. Where a piece sees keys of another piece of
/// the same pass, all keys must be in their pages before anyone attends. Where packed weights read the results and heads
/// fill whole groups of them, they are quantised at once.
///
/// Addresses and numbers alone: threads that took the model's objects for every task would count references in the same
/// cache lines. The pass keeps all of it in memory.
struct HeadTasks: PoolWork {
    private enum Part { case prepare, attend, both }

    private let part: Part
    private let pieces: UnsafePointer<AttentionPiece>
    private let pieceCount: Int
    private let kernels: Kernels
    private let layer: Int
    private let layout: KeyValueLayout
    private let query, key, value, attended: UnsafeMutablePointer<Float>
    private let cosines, sines, queryNorm, keyNorm: UnsafePointer<Float>
    /// Of a head; query heads of a key/value head; of a row.
    private let size, group, queryWidth, keyWidth: Int
    private let epsilon, scale: Float
    private let rows: Int
    /// Where results go too.
    private let quantised: QuantisedRows.View?

    static func attend(_ pass: ForwardPass, layer: Int, isPrepared: Bool = false) {
        if isPrepared {
            run(.attend, pass, layer)
        } else if pass.scratch.pieces.count == pass.sequences.count {
            run(.both, pass, layer)
        } else {
            run(.prepare, pass, layer)
            run(.attend, pass, layer)
        }
    }

    /// Keys, values and queries alone.
    static func prepare(_ pass: ForwardPass, layer: Int) { run(.prepare, pass, layer) }

    /// Whether results are quantised too.
    static func quantises(_ pass: ForwardPass) -> Bool {
        pass.scratch.quantised != nil && pass.model.configuration.headSize % QuantisedRows.groupSize == 0
    }

    private static func run(_ part: Part, _ pass: ForwardPass, _ layer: Int) {
        let configuration = pass.model.configuration
        pass.scratch.pieces.withUnsafeBufferPointer { pieces in
            guard let first = pieces.baseAddress else { return }
            let heads = configuration.attentionHeads * configuration.headSize
            let keyHeads = configuration.keyValueHeads * configuration.headSize
            var products = 0
            // An element here takes about as long as four products.
            if part != .attend { products += 4 * pass.rows * (heads + 2 * keyHeads) }
            if part != .prepare {
                for piece in pieces { products += piece.count * (piece.position + piece.count) * 2 * heads }
            }
            pass.model.device.run(
                tasks: pieces.count * configuration.keyValueHeads, products: products,
                HeadTasks(pass, layer: layer, part, pieces: first))
        }
    }

    private init(_ pass: ForwardPass, layer: Int, _ part: Part, pieces: UnsafePointer<AttentionPiece>) {
        let (configuration, scratch) = (pass.model.configuration, pass.scratch)
        self.part = part
        self.pieces = pieces
        pieceCount = pass.scratch.pieces.count
        self.layer = layer
        kernels = pass.kernels
        layout = pass.model.cacheLayout
        query = scratch.query.base
        key = scratch.key.base
        value = scratch.value.base
        attended = scratch.attended.base
        cosines = UnsafePointer(scratch.cosines.base)
        sines = UnsafePointer(scratch.sines.base)
        queryNorm = UnsafePointer(pass.model.weights.layers[layer].queryNorm.base)
        keyNorm = UnsafePointer(pass.model.weights.layers[layer].keyNorm.base)
        size = configuration.headSize
        group = configuration.attentionHeads / configuration.keyValueHeads
        queryWidth = configuration.attentionHeads * configuration.headSize
        keyWidth = configuration.keyValueHeads * configuration.headSize
        epsilon = Float(configuration.normEpsilon)
        scale = pass.model.attentionScale
        rows = pass.rows
        quantised = Self.quantises(pass) ? scratch.quantised?.view : nil
    }

    func perform(_ task: Int) {
        if part == .attend {
            // All pieces of a head follow each other: its keys and values stay in a core's own cache. Those that see most
            // come first, so that threads end together.
            let (head, number) = task.quotientAndRemainder(dividingBy: pieceCount)
            return attend(pieces[pieceCount - 1 - number], head)
        }
        let (number, head) = task.quotientAndRemainder(dividingBy: keyWidth / size)
        prepare(pieces[number], head)
        if part == .both { attend(pieces[number], head) }
    }

    private func prepare(_ piece: AttentionPiece, _ head: Int) {
        for step in 0..<piece.count {
            let row = piece.row + step
            for member in 0..<group { turn(query + row * queryWidth + (head * group + member) * size, row, queryNorm) }
            let key = key + row * keyWidth + head * size
            turn(key, row, keyNorm)
            let (page, place) = (piece.position + step).quotientAndRemainder(dividingBy: AttentionKernels.pageRows)
            // This pass writes the rows that it adds.
            let base = UnsafeMutableRawPointer(mutating: piece.pages[page])
            kernels.attention.store(
                key: key, value: value + row * keyWidth + head * size, headSize: size, precision: layout.precision,
                row: place, keys: base + layout.keyOffset(layer: layer, head: head),
                values: base + layout.valueOffset(layer: layer, head: head))
        }
    }

    /// Norms a head, then turns it by its row's position.
    private func turn(_ x: UnsafeMutablePointer<Float>, _ row: Int, _ weight: UnsafePointer<Float>) {
        let half = size / 2
        kernels.rmsNorm(x, weight: weight, epsilon: epsilon, count: size, into: x)
        kernels.rotateHalves(x, cosines: cosines + row * half, sines: sines + row * half, half: half)
    }

    private func attend(_ piece: AttentionPiece, _ head: Int) {
        let start = piece.row * queryWidth + head * group * size
        kernels.attention.attend(
            query + start, stride: queryWidth, firstPosition: piece.position, positions: piece.count, group: group,
            headSize: size, precision: layout.precision, pages: piece.pages,
            keyOffset: layout.keyOffset(layer: layer, head: head),
            valueOffset: layout.valueOffset(layer: layer, head: head), scale: scale, into: attended + start,
            stride: queryWidth)
        guard let quantised else { return }
        for step in 0..<piece.count {
            kernels.quantise(
                attended + start + step * queryWidth, inputs: group * size, row: piece.row + step, of: rows,
                from: head * group * size, into: quantised)
        }
    }
}
