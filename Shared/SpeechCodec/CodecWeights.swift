internal import Checkpoint
internal import Compute

/// Reads the codec's tensors in the layouts that its layers compute with.
///
/// Names are the canonical ones of the checkpoint (model.md 3.3); every shape is held against the configuration's.
struct CodecWeights {
    let source: any TensorSource

    /// `[rows, columns]`, as a linear layer stores its weight.
    func matrix(_ name: String, rows: Int, columns: Int) throws(CheckpointError) -> Matrix {
        Matrix(rows: rows, columns: columns, values: try source.requireFloats(name, shape: [rows, columns]))
    }

    /// A linear layer's weight, stored as `[outputs, inputs]`, as `[inputs, outputs]`: products with it run a tenth faster.
    func transposed(_ name: String, outputs: Int, inputs: Int) throws(CheckpointError) -> Matrix {
        try matrix(name, rows: outputs, columns: inputs).transposed()
    }

    /// A bias, a norm's weight: one row.
    func row(_ name: String, count: Int) throws(CheckpointError) -> Matrix {
        Matrix(rows: 1, columns: count, values: try source.requireFloats(name, shape: [count]))
    }

    /// A convolution's `[outputs, inputs, taps]` as one `[inputs, outputs]` per tap.
    func taps(_ name: String, outputs: Int, inputs: Int, taps: Int) throws(CheckpointError) -> [Matrix] {
        let floats = try source.requireFloats(name, shape: [outputs, inputs, taps])
        return (0..<taps).map { tap in
            Self.gathered(inputs, outputs) { input, output in floats[(output * inputs + input) * taps + tap] }
        }
    }

    /// A transposed convolution's `[inputs, outputs, taps]` as one `[inputs, outputs]` per tap.
    func transposedTaps(_ name: String, outputs: Int, inputs: Int, taps: Int) throws(CheckpointError) -> [Matrix] {
        let floats = try source.requireFloats(name, shape: [inputs, outputs, taps])
        return (0..<taps).map { tap in
            Self.gathered(inputs, outputs) { input, output in floats[(input * outputs + output) * taps + tap] }
        }
    }

    /// A matrix whose elements are picked from elsewhere.
    static func gathered(_ rows: Int, _ columns: Int, _ pick: (Int, Int) -> Float) -> Matrix {
        let matrix = Matrix(rows: rows, columns: columns)
        for row in 0..<rows {
            matrix.withRow(row) { floats in
                for column in 0..<columns { floats[column] = pick(row, column) }
            }
        }
        return matrix
    }
}

extension Matrix {
    func transposed() -> Matrix {
        let result = Matrix(rows: columns, columns: rows)
        result.assignTransposed(self)
        return result
    }
}
