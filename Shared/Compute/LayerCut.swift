/// How the work of one dense layer is cut into tasks. No bit depends on it.
struct LayerCut {
    let rows: Int
    private let rowBlock, rowBlocks, outputBlock, tileBlock: Int

    init(rows: Int, inputs: Int, productsPerTask: Int) {
        self.rows = rows
        // Blocks of rows that stay in a core's own cache while weights pass by.
        rowBlock = min(rows, 64)
        rowBlocks = (rows + rowBlock - 1) / rowBlock
        outputBlock = max(8, productsPerTask / (inputs * rowBlock) / 8 * 8)
        // Bytes are multiplied several times as fast. Two tiles are computed together.
        tileBlock = max(2, 2 * productsPerTask / (inputs * rowBlock * PackedLayout.tileOutputs) / 2 * 2)
    }

    func tasks(_ weights: DenseWeights) -> Int {
        switch weights {
        case .plain(let weights): (weights.outputs + outputBlock - 1) / outputBlock * rowBlocks
        case .packed(let weights): (weights.layout.tiles + tileBlock - 1) / tileBlock
        }
    }

    func part(_ task: Int, _ weights: WeightMatrix) -> (rows: Range<Int>, outputs: Range<Int>) {
        // Neighbouring tasks share their weights, not their rows: weights are what memory gives slowly.
        let firstRow = task % rowBlocks * rowBlock
        let firstOutput = task / rowBlocks * outputBlock
        return (
            firstRow..<min(firstRow + rowBlock, rows), firstOutput..<min(firstOutput + outputBlock, weights.outputs)
        )
    }

    func tiles(_ task: Int, _ weights: PackedMatrix) -> Range<Int> {
        task * tileBlock..<min((task + 1) * tileBlock, weights.layout.tiles)
    }
}
