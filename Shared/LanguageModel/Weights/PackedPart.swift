public import Compute

/// A matrix, or some of its outputs, as a precision packs it.
public struct PackedPart: Sendable {
    /// The tensor's name; of a part, with its outputs behind: `model.embedding_list.0.weight[0..<151664]`.
    public let name: String
    public let tensor: String
    /// Of the tensor, all of them or some; begins at a multiple of `CPUDevice.Layer.outputAlignment`.
    public let outputs: Range<Int>
    /// `[outputs, inputs]` of the tensor.
    public let shape: [Int]
    public let layout: PackedLayout

    init(_ matrix: LanguageModelMatrices.Matrix, _ bits: PackedLayout.Bits, outputs: Range<Int>? = nil) {
        let all = 0..<matrix.outputs
        self.outputs = outputs ?? all
        name = self.outputs == all ? matrix.name : "\(matrix.name)[\(self.outputs)]"
        tensor = matrix.name
        shape = [matrix.outputs, matrix.inputs]
        layout = PackedLayout(bits: bits, outputs: self.outputs.count, inputs: matrix.inputs)
    }
}
