/// How the work of one dense layer is cut into tasks. No bit depends on it.
struct LayerCut {
    let rows: Int
    private let rowBlock, rowBlocks, outputBlock, tileBlock: Int
    /// Of layers with packed weights.
    private let packedRows, packedRowParts: Int

    init(rows: Int, inputs: Int, productsPerTask: Int) {
        self.rows = rows
        // Blocks of rows that stay in a core's own cache while weights pass by.
        rowBlock = min(rows, 64)
        rowBlocks = (rows + rowBlock - 1) / rowBlock
        outputBlock = max(8, productsPerTask / (inputs * rowBlock) / 8 * 8)
        packedRows = max(Self.packedRowsLeast, Self.packedBytes / inputs / Self.packedRowsLeast * Self.packedRowsLeast)
        packedRowParts = (rows + packedRows - 1) / packedRows
        // Bytes are multiplied several times as fast. Two tiles are computed together, and a call has some work of its own.
        tileBlock = max(4, 2 * productsPerTask / (inputs * rowBlock * PackedLayout.tileOutputs) / 2 * 2)
    }

    func tasks(_ layer: LayerView) -> Int {
        switch layer.weights {
        case .plain: (layer.outputs + outputBlock - 1) / outputBlock * rowBlocks
        case .packed(let weights): blocks(layer, weights.layout) * packedRowParts
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
    func packedPart(_ task: Int, of layer: LayerView) -> (rows: Range<Int>, tiles: Range<Int>) {
        guard case .packed(let weights) = layer.weights else { preconditionFailure("a layer without tiles") }
        let (all, block) = (tiles(layer), block(weights.layout))
        // Neighbouring tasks share their rows: these are many when they come in parts.
        let (part, number) = task.quotientAndRemainder(dividingBy: blocks(layer, weights.layout))
        let first = all.lowerBound + number * block
        return (
            part * packedRows..<min((part + 1) * packedRows, rows), first..<min(first + block, all.upperBound)
        )
    }

    private func blocks(_ layer: LayerView, _ layout: PackedLayout) -> Int {
        (tiles(layer).count + block(layout) - 1) / block(layout)
    }

    /// Tiles of a task. Few rows wait for weights, and each task anew for its first: they take a stretch of memory at a time,
    /// but leave tasks enough for threads to share.
    private func block(_ layout: PackedLayout) -> Int {
        guard rows <= Self.rowsThatWait else { return tileBlock }
        let stretch = min(Self.stretchBytes / layout.tileBytes, layout.tiles / Self.tasksLeast) / 2 * 2
        return max(tileBlock, stretch)
    }

    /// Of rows that stay in a core's own cache while tasks with other weights follow each other, and how many rows at
    /// least are worth it.
    private static let packedBytes = 1 << 20
    private static let packedRowsLeast = 128
    private static let rowsThatWait = 32
    private static let stretchBytes = 256 << 10
    private static let tasksLeast = 8

    private func tiles(_ layer: LayerView) -> Range<Int> {
        let width = PackedLayout.tileOutputs
        return layer.first / width..<(layer.allOutputs + width - 1) / width
    }
}
