import Compute
import Testing

/// A version of the kernels that this CPU runs.
struct KernelVersion: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let kernels: Kernels

    /// All but the oracle. With AVX-512 there is also what a machine with AMX runs, but for the tile instructions
    /// themselves, which plain C stands in for.
    static let fast: [KernelVersion] =
        InstructionSet.allCases.filter { $0 > .scalar }.compactMap { KernelVersion(".\($0)", Kernels($0)) }
        + [KernelVersion("emulated tiles of AMX", Kernels.amxEmulated)].compactMap { $0 }

    static let all = [KernelVersion(".scalar", Kernels(.scalar))].compactMap { $0 } + fast

    private init?(_ name: String, _ kernels: Kernels?) {
        guard let kernels else { return nil }
        testDescription = name
        self.kernels = kernels
    }
}
