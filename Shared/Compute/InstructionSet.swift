internal import CKernels
internal import Foundation

/// Which version of the kernels runs. All give the same bits; they differ in speed.
public enum InstructionSet: String, CaseIterable, Comparable, Sendable {
    case scalar, avx2, avx512
    /// AVX-512 with VNNI: products of bytes, for quantised weights.
    case vnni

    /// The best that this CPU has.
    public static let supported: InstructionSet = allCases.last { clq_kernels_for($0.number) != nil } ?? .scalar

    /// What runs: the best that this CPU has, or less where the environment's `COLLOQUY_ISA=scalar|avx2|avx512|vnni`
    /// asks for less. A word that is none of these is ignored.
    public static let chosen: InstructionSet = {
        let cap = ProcessInfo.processInfo.environment["COLLOQUY_ISA"].flatMap(InstructionSet.init) ?? supported
        return min(supported, cap)
    }()

    public static func < (left: InstructionSet, right: InstructionSet) -> Bool { left.number < right.number }

    var number: Int32 {
        switch self {
        case .scalar: 0
        case .avx2: 1
        case .avx512: 2
        case .vnni: 3
        }
    }
}
