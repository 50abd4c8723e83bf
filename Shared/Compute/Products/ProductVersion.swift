internal import CKernels

/// Which version of the kernels multiplies by packed weights. Those for int8 all give the same bits; those for bf16 too,
/// save that AMX rounds its sums in another order.
package enum ProductVersion: Int32, CaseIterable, Comparable, Sendable {
    case portable, avx2, avx512, avx512Dot, amx
    /// That of AMX with its instructions emulated, for tests on machines without; never chosen.
    case emulatedAMX

    package static func < (left: ProductVersion, right: ProductVersion) -> Bool { left.rawValue < right.rawValue }

    /// Whether this CPU, and its system, can run it for weights of `precision`.
    package func isSupported(for precision: ProductWeights.Precision) -> Bool {
        switch precision {
        case .bf16: codec_bf16_panel_for(rawValue) != nil
        case .int8: codec_int8_panel_for(rawValue) != nil
        }
    }

    /// The fastest that this CPU has, within what `InstructionSet.chosen` allows.
    package static func chosen(for precision: ProductWeights.Precision) -> ProductVersion {
        precision == .bf16 ? chosenForBF16 : chosenForInt8
    }

    private static let chosenForBF16 = fastest(for: .bf16)
    private static let chosenForInt8 = fastest(for: .int8)

    private static func fastest(for precision: ProductWeights.Precision) -> ProductVersion {
        let cap: ProductVersion =
            switch InstructionSet.chosen {
            case .scalar: .portable
            case .avx2: .avx2
            default: .amx
            }
        return allCases.last { $0 <= cap && $0.isSupported(for: precision) } ?? .portable
    }

    /// The kernel for weights in bf16.
    ///
    /// - Precondition: the version is supported.
    var bf16: codec_bf16_panel {
        guard let kernel = codec_bf16_panel_for(rawValue) else { preconditionFailure("no \(self) here for bf16") }
        return kernel
    }

    /// The kernel for weights in int8.
    ///
    /// - Precondition: the version is supported.
    var int8: codec_int8_panel {
        guard let kernel = codec_int8_panel_for(rawValue) else { preconditionFailure("no \(self) here for int8") }
        return kernel
    }
}
