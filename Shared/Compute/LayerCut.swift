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
        // Bytes are multiplied several times as fast. Two tiles are computed together, and a call has some work of its own.
        tileBlock = max(4, 2 * productsPerTask / (inputs * rowBlock * PackedLayout.tileOutputs) / 2 * 2)
    }

    func tasks(_ layer: LayerView) -> Int {
        switch layer.weights {
        case .plain: (layer.outputs + outputBlock - 1) / outputBlock * rowBlocks
        case .packed: (tiles(layer).count + tileBlock - 1) / tileBlock
        }
    }

    /// Of a layer with plain weights.
    func part(_ task: Int, of layer: LayerView) -> (rows: Range<Int>, outputs: Range<Int>) {
        // Neighbouring tasks share their weights, not their rows: weights are what memory gives slowly.
        let firstRow = task % rowBlocks * rowBlock
        let firstOutput = layer.first + task / rowBlocks * outputBlock
        return (
            firstRow..<min(firstRow + rowBlock, rows),
            firstOutput..<min(firstOutput + outputBlock, layer.allOutputs)
        )
    }

    /// Of a layer with packed weights.
    func tiles(_ task: Int, of layer: LayerView) -> Range<Int> {
        let all = tiles(layer)
        let first = all.lowerBound + task * tileBlock
        return first..<min(first + tileBlock, all.upperBound)
    }

    private func tiles(_ layer: LayerView) -> Range<Int> {
        let width = PackedLayout.tileOutputs
        return layer.first / width..<(layer.allOutputs + width - 1) / width
    }
}
