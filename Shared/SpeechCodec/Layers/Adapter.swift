internal import Checkpoint
internal import Compute

/// A transformer between two widths: projections stand where the widths differ.
struct Adapter {
    let input: Linear?
    let stack: TransformerStack
    let output: Linear?
    private let name: String

    init(_ weights: CodecWeights, _ name: String, _ sizes: CodecConfiguration.Adapter) throws(CheckpointError) {
        self.name = name
        input =
            sizes.hasInputProjection
            ? try Linear(weights, "\(name).proj", outputs: sizes.width, inputs: sizes.inputWidth) : nil
        stack = try TransformerStack(
            weights, name, width: sizes.width, positions: sizes.positions, layers: sizes.layers, heads: sizes.heads,
            feedForward: sizes.feedForward)
        output =
            sizes.hasOutputProjection
            ? try Linear(weights, "\(name).out_proj", outputs: sizes.outputWidth, inputs: sizes.width) : nil
    }

    /// `[positions, input width]` to `[positions, output width]`; `x` may be overwritten.
    func apply(_ x: Matrix, workers: CodecWorkers, probe: CodecProbe? = nil) -> Matrix {
        let inner = workers.projected(x, by: input)
        stack.apply(inner, workers: workers, probe: probe)
        let result = workers.projected(inner, by: output)
        probe?(name, result)
        return result
    }
}

extension CodecWorkers {
    /// The layer's value of all rows, or `x` itself where there is no layer.
    func projected(_ x: Matrix, by layer: Linear?) -> Matrix {
        guard let layer else { return x }
        let y = Matrix(unwritten: x.rows, columns: layer.outputs)
        pool.runRows(0..<x.rows) { layer.apply(x.rows($0), into: y.rows($0), scratch: scratch) }
        return y
    }
}
