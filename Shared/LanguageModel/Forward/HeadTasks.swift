internal import Checkpoint
internal import Compute

/// Rows of one sequence that one task attends for, per key/value head.
struct AttentionPiece {
    static let rowsMax = 16

    let cache: KeyValueCache
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
/// the same pass, all keys must be in their pages before anyone attends.
struct HeadTasks: PoolWork {
    private enum Part { case prepare, attend, both }

    private let pass: ForwardPass
    private let layer: Int
    private let part: Part
    /// Of the layer's norms, which the model keeps in memory: threads that took the layer for every task would count
    /// references in the same cache line.
    private let queryNorm, keyNorm: UnsafePointer<Float>

    static func attend(_ pass: ForwardPass, layer: Int) {
        let configuration = pass.model.configuration
        let tasks = pass.scratch.pieces.count * configuration.keyValueHeads
        let heads = configuration.attentionHeads * configuration.headSize
        let keyHeads = configuration.keyValueHeads * configuration.headSize
        // An element here takes about as long as four products.
        let preparing = 4 * pass.rows * (heads + 2 * keyHeads)
        var attending = 0
        for piece in pass.scratch.pieces { attending += piece.count * (piece.position + piece.count) * 2 * heads }
        let weights = pass.model.weights.layers[layer]
        func run(_ part: Part, products: Int) {
            let work = HeadTasks(
                pass: pass, layer: layer, part: part, queryNorm: weights.queryNorm.base, keyNorm: weights.keyNorm.base)
            pass.model.device.run(tasks: tasks, products: products, work)
        }
        if pass.scratch.pieces.count == pass.sequences.count {
            run(.both, products: preparing + attending)
        } else {
            run(.prepare, products: preparing)
            run(.attend, products: attending)
        }
    }

    func perform(_ task: Int) {
        let (number, head) = task.quotientAndRemainder(dividingBy: pass.model.configuration.keyValueHeads)
        let piece = pass.scratch.pieces[number]
        if part != .attend { prepare(piece, head) }
        if part != .prepare { attend(piece, head) }
    }

    private var size: Int { pass.model.configuration.headSize }
    /// Query heads of a key/value head.
    private var group: Int { pass.model.configuration.attentionHeads / pass.model.configuration.keyValueHeads }
    /// Of a row.
    private var queryWidth: Int { pass.model.configuration.attentionHeads * size }
    private var keyWidth: Int { pass.model.configuration.keyValueHeads * size }

    private func prepare(_ piece: AttentionPiece, _ head: Int) {
        let layout = pass.model.cacheLayout
        for step in 0..<piece.count {
            let row = piece.row + step
            let query = pass.scratch.query.base + row * queryWidth + head * group * size
            for member in 0..<group { turn(query + member * size, row, queryNorm) }
            let key = pass.scratch.key.base + row * keyWidth + head * size
            turn(key, row, keyNorm)
            let position = piece.position + step
            let page = piece.cache.page(of: position)
            pass.kernels.attention.store(
                key: key, value: pass.scratch.value.base + row * keyWidth + head * size, headSize: size,
                precision: layout.precision, row: position % AttentionKernels.pageRows,
                keys: page + layout.keyOffset(layer: layer, head: head),
                values: page + layout.valueOffset(layer: layer, head: head))
        }
    }

    /// Norms a head, then turns it by its row's position.
    private func turn(_ x: UnsafeMutablePointer<Float>, _ row: Int, _ weight: UnsafePointer<Float>) {
        let half = size / 2
        pass.kernels.rmsNorm(
            x, weight: weight, epsilon: Float(pass.model.configuration.normEpsilon), count: size, into: x)
        pass.kernels.rotateHalves(
            x, cosines: pass.scratch.cosines.base + row * half, sines: pass.scratch.sines.base + row * half, half: half)
    }

    private func attend(_ piece: AttentionPiece, _ head: Int) {
        let layout = pass.model.cacheLayout
        let start = piece.row * queryWidth + head * group * size
        piece.cache.withBases { bases in
            pass.kernels.attention.attend(
                pass.scratch.query.base + start, stride: queryWidth, firstPosition: piece.position,
                positions: piece.count, group: group, headSize: size, precision: layout.precision, pages: bases,
                keyOffset: layout.keyOffset(layer: layer, head: head),
                valueOffset: layout.valueOffset(layer: layer, head: head), scale: pass.model.attentionScale,
                into: pass.scratch.attended.base + start, stride: queryWidth)
        }
    }
}
