internal import CKernels
internal import Foundation

/// Which version of the kernels runs. All give the same bits; they differ in speed.
public enum InstructionSet: String, CaseIterable, Comparable, Sendable {
    case scalar, avx2, avx512
    /// AVX-512 with VNNI: products of bytes, for quantised weights.
    case vnni
    /// VNNI, and tiles of bytes for many rows at once. The system must permit it.
    case amx
    /// On arm64; with its dot products of bytes where the CPU has them.
    case neon

    /// The best that this CPU has.
    public static let supported: InstructionSet = best(upTo: nil)

    /// What runs: the best that this CPU has, or less where the environment's
    /// `COLLOQUY_ISA=scalar|avx2|avx512|vnni|amx|neon` asks for less. A word that is none of these is ignored.
    public static let chosen: InstructionSet = best(upTo: ProcessInfo.processInfo.environment["COLLOQUY_ISA"])

    /// The best of this CPU's versions that is not above the one of that name.
    static func best(upTo name: String?) -> InstructionSet {
        let cap = name.flatMap(InstructionSet.init)
        return allCases.last { clq_kernels_for($0.number) != nil && $0 <= cap ?? $0 } ?? .scalar
    }

    public static func < (left: InstructionSet, right: InstructionSet) -> Bool { left.number < right.number }

    var number: Int32 {
        switch self {
        case .scalar: 0
        case .avx2: 1
        case .avx512: 2
        case .vnni: 3
        case .amx: 4
        case .neon: 5
        }
    }
}
