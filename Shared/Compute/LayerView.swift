/// One of the layers of a call, without what keeps its weights in memory: so that threads that look at it for every task
/// count no references, which they would do in the same cache line.
struct LayerView {
    enum Weights {
        case plain(WeightMatrix.View)
        case packed(PackedMatrix.View)
    }

    let weights: Weights
    let y: UnsafeMutablePointer<Float>
    let stride: Int
    let first: Int
    let allOutputs: Int

    var outputs: Int { allOutputs - first }

    init(_ layer: CPUDevice.Layer) {
        switch layer.weights {
        case .plain(let weights): self.weights = .plain(weights.view)
        case .packed(let weights): self.weights = .packed(weights.view)
        }
        y = layer.y
        stride = layer.stride
        first = layer.first
        allOutputs = layer.weights.outputs
    }
}
