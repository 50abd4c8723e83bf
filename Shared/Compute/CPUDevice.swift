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
        let weights: WeightMatrix
        let y: UnsafeMutablePointer<Float>

        /// - Parameter y: `[rows, weights.outputs]`, overwritten.
        public init(_ weights: WeightMatrix, into y: UnsafeMutablePointer<Float>) {
            self.weights = weights
            self.y = y
        }
    }

    /// Products (of one row, with weights in the cache: about 20 µs) below which another thread costs more than it
    /// brings: waking it, and waiting for it when something else has its CPU.
    private static let productsPerTask = 1 << 18

    /// `y = x · wᵀ` for each layer: `x` is `[rows, inputs]`, `y` is `[rows, outputs]`, row-major.
    ///
    /// - Precondition: All layers have the same number of inputs.
    public func linear(_ x: UnsafePointer<Float>, rows: Int, _ layers: Layer...) {
        linear(x, rows: rows, layers)
    }

    /// The same for a list of layers.
    public func linear(_ x: UnsafePointer<Float>, rows: Int, _ layers: [Layer]) {
        guard rows > 0, let inputs = layers.first?.weights.inputs else { return }
        // Blocks of rows that stay in a core's own cache while weights pass by.
        let rowBlock = min(rows, 64)
        let rowBlocks = (rows + rowBlock - 1) / rowBlock
        let outputBlock = max(8, Self.productsPerTask / (inputs * rowBlock) / 8 * 8)
        var tasks = 0
        var outputs = 0
        for layer in layers {
            precondition(layer.weights.inputs == inputs, "layers of \(inputs) and \(layer.weights.inputs) inputs")
            tasks += (layer.weights.outputs + outputBlock - 1) / outputBlock * rowBlocks
            outputs += layer.weights.outputs
        }
        run(tasks: tasks, products: rows * inputs * outputs) { task in
            var left = task
            for layer in layers {
                let outputs = layer.weights.outputs
                let blocks = (outputs + outputBlock - 1) / outputBlock
                if left >= blocks * rowBlocks {
                    left -= blocks * rowBlocks
                    continue
                }
                // Neighbouring tasks share their weights, not their rows: weights are what memory gives slowly.
                let firstRow = left % rowBlocks * rowBlock
                let firstOutput = left / rowBlocks * outputBlock
                kernels.linear(
                    x + firstRow * inputs, stride: inputs, rows: min(rowBlock, rows - firstRow),
                    weights: layer.weights, outputs: firstOutput..<min(firstOutput + outputBlock, outputs),
                    into: layer.y + firstRow * outputs, stride: outputs)
                return
            }
        }
    }

    /// Calls `body` with ranges that cover `0..<rows`.
    ///
    /// - Parameter width: Elements that `body` touches per row.
    public func forRows(_ rows: Int, width: Int, _ body: (Range<Int>) -> Void) {
        let block = 4
        // An element here takes about as long as four products.
        run(tasks: (rows + block - 1) / block, products: 4 * rows * width) { task in
            body(task * block..<min((task + 1) * block, rows))
        }
    }

    /// Calls `body` for every task, on several threads if `products` are worth it.
    public func run(tasks: Int, products: Int, _ body: (Int) -> Void) {
        if products > Self.productsPerTask {
            pool.run(tasks: tasks, body)
        } else {
            for task in 0..<tasks { body(task) }
        }
    }
}
