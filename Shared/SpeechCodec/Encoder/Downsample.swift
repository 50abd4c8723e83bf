internal import Checkpoint
internal import Compute

/// Stacks consecutive positions into one and mixes them by a gated layer (model.md 3.4).
struct Downsample {
    let factor: Int
    private let inner: Int
    /// Gate and up projection beside each other, their inputs in the order of the stacked positions.
    private let gateAndUp: Linear
    private let down: Linear
    private let norm: LayerNorm

    init(_ weights: CodecWeights, _ name: String, _ sizes: CodecConfiguration.Downsample) throws(CheckpointError) {
        factor = sizes.factor
        let width = sizes.width
        let inner = width * factor
        self.inner = inner
        let stacked = Matrix(rows: 2 * inner, columns: inner)
        for (half, projection) in ["gate_proj", "up_proj"].enumerated() {
            // Stored as a convolution, [outputs, channel, position]; a stacked row runs over channels first.
            let taps = try weights.taps("\(name).\(projection).weight", outputs: inner, inputs: width, taps: factor)
            for (position, tap) in taps.enumerated() {
                stacked.rows(half * inner..<(half + 1) * inner).columns(position * width..<(position + 1) * width)
                    .assign(tap)
            }
        }
        gateAndUp = Linear(stored: stacked, bias: nil, precision: weights.precision)
        down = try Linear(weights, "\(name).down_proj", outputs: inner, inputs: inner, bias: false)
        norm = try LayerNorm(weights, "\(name).layer_norm", width: inner)
    }

    /// `[positions, width]` to `[positions / factor, factor · width]`; positions that fill no group are dropped.
    func apply(_ x: Matrix, workers: CodecWorkers) -> Matrix {
        let stacked = x.reshaped(rows: x.rows / factor, columns: inner)
        let y = Matrix(rows: stacked.rows, columns: inner)
        workers.pool.runRows(0..<y.rows) { block in
            let part = y.rows(block)
            workers.scratch.with(rows: block.count, columns: 2 * inner) { both in
                gateAndUp.apply(stacked.rows(block), into: both, scratch: workers.scratch)
                workers.scratch.with(rows: block.count, columns: inner) { gated in
                    gated.assignGated(both)
                    part.assign(stacked.rows(block))
                    down.add(gated, to: part, scratch: workers.scratch)
                }
            }
            norm.apply(part, into: part)
        }
        return y
    }
}
