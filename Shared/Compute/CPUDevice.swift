internal import CKernels

/// Threads and kernels together: where a model's layers run.
///
/// How work is cut for the threads changes no bit, since every element is one sum in one order.
public struct CPUDevice: Sendable {
    public let pool: WorkerPool
    public let kernels: Kernels

    public init(pool: WorkerPool, kernels: Kernels = .chosen) {
        self.pool = pool
        self.kernels = kernels
    }

    /// One of the layers that read the same input.
    public struct Layer {
        let weights: DenseWeights
        let y: UnsafeMutablePointer<Float>
        let stride: Int
        let first: Int

        /// What a layer's first output must be a multiple of.
        public static var outputAlignment: Int { PackedLayout.tileOutputs }

        /// - Parameters:
        ///   - y: `[rows, weights.outputs]`, overwritten.
        ///   - stride: From row to row of `y`; nil where rows lie one after another.
        ///   - first: Outputs before this one are left as they are; a multiple of `outputAlignment`.
        public init(
            _ weights: DenseWeights, into y: UnsafeMutablePointer<Float>, stride: Int? = nil, from first: Int = 0
        ) {
            precondition(
                first % Self.outputAlignment == 0 && first < weights.outputs, "output \(first) of \(weights.outputs)")
            self.weights = weights
            self.y = y
            self.stride = stride ?? weights.outputs
            self.first = first
        }
    }

    /// Products (of one row, with weights in the cache: about 20 µs) below which another thread costs more than it
    /// brings: waking it, and waiting for it when something else has its CPU.
    private static let productsPerTask = 1 << 18

    /// `y = x · wᵀ` for each layer: `x` is `[rows, inputs]`, `y` is `[rows, outputs]`, row-major.
    ///
    /// - Parameters:
    ///   - room: Where the rows are quantised for packed weights; needed if any layer has them.
    ///   - areQuantised: Whether it holds these rows already (`Kernels.quantise`).
    /// - Precondition: All layers have the same number of inputs.
    public func linear(
        _ x: UnsafePointer<Float>, rows: Int, _ layers: [Layer], through room: QuantisedRows? = nil,
        areQuantised: Bool = false
    ) {
        guard rows > 0, let inputs = layers.first?.weights.inputs else { return }
        if !areQuantised { quantise(x, rows: rows, layers, into: room) }
        let cut = LayerCut(rows: rows, inputs: inputs, productsPerTask: Self.productsPerTask)
        withUnsafeTemporaryAllocation(of: LayerView.self, capacity: layers.count) { views in
            var tasks = 0
            var outputs = 0
            for (index, layer) in layers.enumerated() {
                precondition(layer.weights.inputs == inputs, "layers of \(inputs) and \(layer.weights.inputs) inputs")
                views.initializeElement(at: index, to: LayerView(layer))
                tasks += cut.tasks(views[index])
                outputs += views[index].outputs
            }
            let work = LinearTasks(
                kernels: kernels, x: x, layers: UnsafeBufferPointer(views), cut: cut, room: room?.rows)
            run(tasks: tasks, products: rows * inputs * outputs, work)
            withExtendedLifetime((layers, room)) {}
        }
    }

    private func quantise(_ x: UnsafePointer<Float>, rows: Int, _ layers: [Layer], into room: QuantisedRows?) {
        for layer in layers {
            guard case .packed(let weights) = layer.weights else { continue }
            guard let room else { preconditionFailure("packed weights without room for quantised rows") }
            let inputs = weights.layout.inputs
            forRows(rows, width: inputs, QuantiseRows(kernels: kernels, x: x, inputs: inputs, rows: rows, room: room))
            return
        }
    }

    /// Has all rows of `0..<rows` worked on.
    ///
    /// - Parameter width: Elements that the work touches per row.
    public func forRows<Work: RowWork>(_ rows: Int, width: Int, _ work: Work) {
        let block = RowTasks<Work>.rowsPerTask
        // An element here takes about as long as four products.
        run(tasks: (rows + block - 1) / block, products: 4 * rows * width, RowTasks(work: work, rows: rows))
    }

    /// Has every task done, on several threads if `products` are worth it.
    public func run<Work: PoolWork>(tasks: Int, products: Int, _ work: Work) {
        if products > Self.productsPerTask {
            pool.run(tasks: tasks, work)
        } else {
            for task in 0..<tasks { work.perform(task) }
        }
    }
}

/// Parts of layers that read the same input. Who posts them keeps layers and room in memory.
private struct LinearTasks: PoolWork {
    let kernels: Kernels
    let x: UnsafePointer<Float>
    let layers: UnsafeBufferPointer<LayerView>
    let cut: LayerCut
    let room: clq_quantised_rows?

    func perform(_ task: Int) {
        var left = task
        for layer in layers {
            let tasks = cut.tasks(layer)
            if left < tasks { return perform(left, of: layer) }
            left -= tasks
        }
    }

    private func perform(_ task: Int, of layer: LayerView) {
        switch layer.weights {
        case .plain(let weights):
            let part = cut.part(task, of: layer)
            kernels.linear(
                x + part.rows.lowerBound * weights.inputs, stride: weights.inputs, rows: part.rows.count,
                weights: weights, outputs: part.outputs, into: layer.y + part.rows.lowerBound * layer.stride,
                stride: layer.stride)
        case .packed(let weights):
            guard let room else { preconditionFailure("packed weights without room for quantised rows") }
            let part = cut.packedPart(task, of: layer)
            kernels.linear(
                room, rows: part.rows, of: cut.rows, weights: weights, tiles: part.tiles, into: layer.y,
                stride: layer.stride)
        }
    }
}

private struct QuantiseRows: RowWork {
    let kernels: Kernels
    let x: UnsafePointer<Float>
    let inputs, rows: Int
    let room: QuantisedRows

    func perform(rows range: Range<Int>) {
        for row in range { kernels.quantise(x + row * inputs, inputs: inputs, row: row, of: rows, into: room) }
    }
}
