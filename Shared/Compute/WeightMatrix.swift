/// Weights where they lie: `[outputs, inputs]` row-major, f32 or bf16, in a mapped file or in memory.
///
/// - Invariant: `owner` keeps the memory in place and unchanged as long as this value lives; kernels only read it. That
///   is why `@unchecked Sendable` is true.
public struct WeightMatrix: @unchecked Sendable {
    enum Elements {
        case float32(UnsafePointer<Float>)
        case bfloat16(UnsafePointer<UInt16>)
    }

    public let outputs: Int
    public let inputs: Int
    let elements: Elements
    private let owner: any Sendable

    /// The same without what keeps it in memory: copying it counts no references. Not to be kept.
    struct View {
        let outputs, inputs: Int
        let elements: Elements
    }

    var view: View { View(outputs: outputs, inputs: inputs, elements: elements) }

    /// Bytes that a decode step reads.
    public var byteCount: Int {
        switch elements {
        case .float32: outputs * inputs * 4
        case .bfloat16: outputs * inputs * 2
        }
    }

    /// Writes one output's `inputs` weights.
    public func copyRow(_ output: Int, to floats: UnsafeMutablePointer<Float>) {
        precondition(output >= 0 && output < outputs, "output \(output) of \(outputs)")
        switch elements {
        case .float32(let weights): floats.update(from: weights + output * inputs, count: inputs)
        case .bfloat16(let weights):
            let row = weights + output * inputs
            for input in 0..<inputs { floats[input] = Float(bitPattern: UInt32(row[input]) << 16) }
        }
    }

    /// - Parameter owner: Whatever must live for `float32` to stay valid.
    public init(outputs: Int, inputs: Int, float32: UnsafePointer<Float>, owner: any Sendable) {
        self.init(outputs: outputs, inputs: inputs, elements: .float32(float32), owner: owner)
    }

    /// - Parameter owner: Whatever must live for `bfloat16`, bit patterns, to stay valid.
    public init(outputs: Int, inputs: Int, bfloat16: UnsafePointer<UInt16>, owner: any Sendable) {
        self.init(outputs: outputs, inputs: inputs, elements: .bfloat16(bfloat16), owner: owner)
    }

    /// A copy of `floats`, row-major.
    public init(outputs: Int, inputs: Int, copying floats: [Float]) {
        precondition(floats.count == outputs * inputs, "\(floats.count) weights are no [\(outputs), \(inputs)]")
        let copy = AlignedFloats(count: floats.count)
        floats.withUnsafeBufferPointer { source in
            if let start = source.baseAddress { copy.base.update(from: start, count: source.count) }
        }
        self.init(outputs: outputs, inputs: inputs, float32: copy.base, owner: copy)
    }

    /// The same weights in bf16, rounded to the nearest, ties to even; where they are bf16 already, themselves.
    public func narrowed() -> WeightMatrix {
        guard case .float32(let wide) = elements else { return self }
        let narrow = NarrowedWeights(wide, count: outputs * inputs)
        return WeightMatrix(outputs: outputs, inputs: inputs, bfloat16: narrow.base, owner: narrow)
    }

    private init(outputs: Int, inputs: Int, elements: Elements, owner: any Sendable) {
        self.outputs = outputs
        self.inputs = inputs
        self.elements = elements
        self.owner = owner
    }
}

/// - Invariant: `base` is owned by this object, lives as long as it and never moves. It is written in `init` and only read
///   afterwards. That is why `@unchecked Sendable` is true.
private final class NarrowedWeights: @unchecked Sendable {
    let base: UnsafePointer<UInt16>

    init(_ wide: UnsafePointer<Float>, count: Int) {
        let narrow = UnsafeMutableRawPointer.allocate(byteCount: count * 2, alignment: 64)
            .bindMemory(to: UInt16.self, capacity: count)
        for index in 0..<count { narrow[index] = wide[index].bfloat16Pattern }
        base = UnsafePointer(narrow)
    }

    deinit { base.deallocate() }
}

extension Float {
    /// The nearest bf16, ties to even; what is not a number stays none.
    fileprivate var bfloat16Pattern: UInt16 {
        if isNaN { return UInt16(bitPattern >> 16) | 0x40 }
        return UInt16((bitPattern + 0x7FFF + (bitPattern >> 16 & 1)) >> 16)
    }
}
