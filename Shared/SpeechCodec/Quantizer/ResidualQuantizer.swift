internal import Checkpoint
internal import Compute
internal import Tokens

/// Residual vector quantisation: each level codes what the levels before it left over (model.md 3.4).
struct ResidualQuantizer {
    let codebooks: Int
    let entries: Int
    private let width: Int
    private let input: Linear
    private let output: Linear
    /// One `[entries, width]` a level, and ‖entry‖² as one row.
    private let tables: [(entries: Matrix, energies: Matrix)]

    init(_ weights: CodecWeights, _ name: String, _ sizes: CodecConfiguration.Quantizer) throws(CheckpointError) {
        codebooks = sizes.codebooks
        entries = sizes.codebookSize
        width = sizes.width
        input = try weights.normedLinear("\(name).input_proj", outputs: sizes.width, inputs: sizes.inputWidth)
        output = try weights.normedLinear("\(name).output_proj", outputs: sizes.outputWidth, inputs: sizes.width)
        var tables: [(entries: Matrix, energies: Matrix)] = []
        for level in 0..<sizes.codebooks {
            let table = try weights.matrix(
                "\(name).quantizers.\(level).codebook", rows: sizes.codebookSize, columns: sizes.width)
            tables.append((table, table.rowEnergies()))
        }
        self.tables = tables
    }

    /// The codes of every row of `x` `[frames, input width]`.
    func encode(_ x: Matrix, workers: CodecWorkers, probe: CodecProbe?) -> CodeMatrix {
        let codes = Matrix(rows: x.rows, columns: codebooks)
        let residual = workers.projected(x, by: input)
        probe?("quantizer.input_proj", residual)
        workers.pool.runRows(0..<x.rows) { block in
            let part = residual.rows(block)
            workers.scratch.with(rows: block.count, columns: entries) { dots in
                for (level, table) in tables.enumerated() {
                    dots.assign(part, timesTransposed: table.entries.weights)
                    for row in 0..<part.rows {
                        let code = part.subtractNearest(
                            row: row, dots: dots, entries: table.entries, energies: table.energies)
                        // Codes are below 2^16, which a Float holds exactly.
                        codes[block.lowerBound + row, level] = Float(code)
                    }
                }
            }
        }
        return CodeMatrix(codebooks: codebooks, codes: codes.values.map { UInt16($0) })
    }

    /// The sum of the chosen entries, level after level, `[frames, width]`.
    ///
    /// - Precondition: every code is below `entries`.
    func sum(_ codes: CodeMatrix) -> Matrix {
        let sum = Matrix(rows: codes.frames, columns: width)
        for frame in 0..<codes.frames {
            let row = sum.rows(frame..<frame + 1)
            for (level, table) in tables.enumerated() {
                let code = Int(codes[frame, level])
                row.add(table.entries.rows(code..<code + 1))
            }
        }
        return sum
    }

    /// What the decoder takes, `[frames, output width]`.
    func decode(_ codes: CodeMatrix, workers: CodecWorkers, probe: CodecProbe?) -> Matrix {
        let sum = sum(codes)
        probe?("quantizer.embed_sum", sum)
        let result = workers.projected(sum, by: output)
        probe?("quantizer.output_proj", result)
        return result
    }
}

extension CodecWeights {
    /// A linear layer stored as direction and length of each row: W = g · v / ‖v‖.
    func normedLinear(_ name: String, outputs: Int, inputs: Int) throws(CheckpointError) -> Linear {
        let lengths = try floats("\(name).weight_g", shape: [outputs, 1, 1])
        let directions = Matrix(
            rows: outputs, columns: inputs,
            values: try floats("\(name).weight_v", shape: [outputs, inputs, 1]))
        let energies = directions.rowEnergies()
        directions.scaleRows(
            by: Matrix(rows: 1, columns: outputs, values: zip(lengths, energies.values).map { $0 / $1.squareRoot() }))
        // Small, and next to the choice of codes.
        return Linear(exact: directions, bias: try self.row("\(name).bias", count: outputs))
    }
}
