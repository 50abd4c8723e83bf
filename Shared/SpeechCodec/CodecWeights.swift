internal import Checkpoint
internal import Compute

/// Reads the codec's tensors in the layouts that its layers compute with.
///
/// Names are the canonical ones of the checkpoint (model.md 3.3); every shape is held against the configuration's. A
/// tensor is copied out of its file when its layer is built, and only what the layer keeps of it stays.
struct CodecWeights {
    let source: any TensorSource
    /// What the layers that are built from here compute with.
    let precision: CodecPrecision

    /// `[rows, columns]`, as a linear layer stores its weight.
    func matrix(_ name: String, rows: Int, columns: Int) throws(CheckpointError) -> Matrix {
        Matrix(rows: rows, columns: columns, values: try floats(name, shape: [rows, columns]))
    }

    /// A bias, a norm's weight: one row.
    func row(_ name: String, count: Int) throws(CheckpointError) -> Matrix {
        Matrix(rows: 1, columns: count, values: try floats(name, shape: [count]))
    }

    /// A convolution's `[outputs, inputs, taps]` as one `[outputs, inputs]` per tap.
    func taps(_ name: String, outputs: Int, inputs: Int, taps: Int) throws(CheckpointError) -> [Matrix] {
        let floats = try floats(name, shape: [outputs, inputs, taps])
        return (0..<taps).map { tap in
            Self.gathered(outputs, inputs) { output, input in floats[(output * inputs + input) * taps + tap] }
        }
    }

    /// A transposed convolution's `[inputs, outputs, taps]` as one `[outputs, inputs]` per tap.
    func transposedTaps(_ name: String, outputs: Int, inputs: Int, taps: Int) throws(CheckpointError) -> [Matrix] {
        let floats = try floats(name, shape: [inputs, outputs, taps])
        return (0..<taps).map { tap in
            Self.gathered(outputs, inputs) { output, input in floats[(input * outputs + output) * taps + tap] }
        }
    }

    /// The numbers of a tensor, whose file then leaves this process's memory.
    func floats(_ name: String, shape: [Int]) throws(CheckpointError) -> [Float] {
        let tensor = try source.requireTensor(name, shape: shape)
        defer { tensor.release(0..<tensor.byteCount) }
        return try tensor.floats()
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

    /// Multiplies every row by its factor in the one row `factors`.
    func scaleRows(by factors: Matrix) {
        for row in 0..<rows {
            let factor = factors[0, row]
            withRow(row) { values in
                for column in values.indices { values[column] *= factor }
            }
        }
    }
}
