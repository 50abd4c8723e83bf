internal import CKernels

/// The language model's arithmetic for one instruction set: `CKernels.h` has the definition of every sum.
///
/// Pointers go in unchecked, so that a step allocates nothing; the callers are few and say what their buffers hold.
/// - Invariant: the tables are constants of `CKernels`, which is why `@unchecked Sendable` is true.
public struct Kernels: @unchecked Sendable {
    private let table: UnsafePointer<clq_kernels>
    let quantised: UnsafePointer<clq_quantised_kernels>
    public let attention: AttentionKernels
    public let instructionSet: InstructionSet

    /// The kernels of `InstructionSet.chosen`.
    public static let chosen: Kernels = {
        guard let kernels = Kernels(.chosen) ?? Kernels(.scalar) else {
            preconditionFailure("CKernels has no scalar version")
        }
        return kernels
    }()

    /// Nil where this CPU lacks the instruction set.
    public init?(_ instructionSet: InstructionSet) {
        let number = instructionSet.number
        self.init(
            instructionSet, clq_kernels_for(number), clq_quantised_kernels_for(number),
            clq_attention_kernels_for(number))
    }

    /// Those for AMX with its tile instructions emulated, for tests; slow. Nil where this CPU lacks AVX-512.
    public static var amxEmulated: Kernels? {
        Kernels(
            .avx512, clq_kernels_for(InstructionSet.avx512.number), clq_quantised_kernels_amx_emulated(),
            clq_attention_kernels_amx_emulated())
    }

    private init?(
        _ instructionSet: InstructionSet, _ table: UnsafePointer<clq_kernels>?,
        _ quantised: UnsafePointer<clq_quantised_kernels>?, _ attention: UnsafePointer<clq_attention_kernels>?
    ) {
        guard let table, let quantised, let attention else { return nil }
        self.table = table
        self.quantised = quantised
        self.attention = AttentionKernels(table: attention)
        self.instructionSet = instructionSet
    }

    /// `y[r, o] = sum of x[r, i] * w[o, i]` for the outputs of `range`: a part of a dense layer without bias.
    ///
    /// The bits of an element depend on its row and its weights alone.
    ///
    /// - Parameters:
    ///   - x: `rows` rows of `w.inputs`, `xStride` apart.
    ///   - w: `[outputs, inputs]`.
    ///   - range: Outputs to compute, within `0..<w.outputs`.
    ///   - y: `rows` rows of `w.outputs`, `yStride` apart; only the columns of `range` are written. No overlap with `x`.
    @inline(__always)
    public func linear(
        _ x: UnsafePointer<Float>, stride xStride: Int, rows: Int, weights w: WeightMatrix, outputs range: Range<Int>,
        into y: UnsafeMutablePointer<Float>, stride yStride: Int
    ) {
        linear(x, stride: xStride, rows: rows, weights: w.view, outputs: range, into: y, stride: yStride)
    }

    func linear(
        _ x: UnsafePointer<Float>, stride xStride: Int, rows: Int, weights w: WeightMatrix.View,
        outputs range: Range<Int>,
        into y: UnsafeMutablePointer<Float>, stride yStride: Int
    ) {
        let skipped = range.lowerBound * w.inputs
        switch w.elements {
        case .float32(let weights):
            table.pointee.linear_f32(
                x, xStride, rows, weights + skipped, w.inputs, range.count, y + range.lowerBound, yStride)
        case .bfloat16(let weights):
            table.pointee.linear_bf16(
                x, xStride, rows, weights + skipped, w.inputs, range.count, y + range.lowerBound, yStride)
        }
    }

    /// `y = x / sqrt(mean(x²) + epsilon) * weight` over `count` elements; `y` may be `x`.
    public func rmsNorm(
        _ x: UnsafePointer<Float>, weight: UnsafePointer<Float>, epsilon: Float, count: Int,
        into y: UnsafeMutablePointer<Float>
    ) {
        table.pointee.rms_norm(x, weight, epsilon, count, y)
    }

    /// `x += y`, and `z = x / sqrt(mean(x²) + epsilon) * weight`, over `count` elements.
    public func addAndRMSNorm(
        _ x: UnsafeMutablePointer<Float>, _ y: UnsafePointer<Float>, weight: UnsafePointer<Float>, epsilon: Float,
        count: Int, into z: UnsafeMutablePointer<Float>
    ) {
        table.pointee.add_rms_norm(x, y, weight, epsilon, count, z)
    }

    /// Rotates the pairs `(x[i], x[half + i])` by the angles whose cosines and sines are given, in place.
    public func rotateHalves(
        _ x: UnsafeMutablePointer<Float>, cosines: UnsafePointer<Float>, sines: UnsafePointer<Float>, half: Int
    ) {
        table.pointee.rotate_halves(x, cosines, sines, half)
    }

    /// `gate = gate / (1 + exp(-gate)) * up`, in place.
    public func siluMultiply(_ gate: UnsafeMutablePointer<Float>, _ up: UnsafePointer<Float>, count: Int) {
        table.pointee.silu_multiply(gate, up, count)
    }

    /// `x += y`.
    public func add(_ x: UnsafeMutablePointer<Float>, _ y: UnsafePointer<Float>, count: Int) {
        table.pointee.add_f32(x, y, count)
    }

    /// `x += w[row]`.
    public func add(_ x: UnsafeMutablePointer<Float>, row: Int, of w: WeightMatrix) {
        switch w.elements {
        case .float32(let weights): table.pointee.add_f32(x, weights + row * w.inputs, w.inputs)
        case .bfloat16(let weights): table.pointee.add_bf16(x, weights + row * w.inputs, w.inputs)
        }
    }

    /// `x = exp(x - shift)`; returns the sum of the results.
    public func exponentials(_ x: UnsafeMutablePointer<Float>, shift: Float, count: Int) -> Float {
        table.pointee.exp_sum(x, shift, count)
    }
}
