public import Checkpoint
public import Compute
public import Foundation

/// Packed weights in a file, mapped: the processes of a machine that use it share one copy in memory.
public struct PackedWeightsFile: PackedWeights {
    private let file: PackedFile

    public var path: String { file.path }
    public var byteCount: Int { file.byteCount }

    /// Opens a file and checks all of it.
    ///
    /// - Throws: `CheckpointError` for a file that is missing, damaged, or of other weights, precision or version.
    public init(
        _ url: URL, _ configuration: LanguageModelConfiguration, _ precision: WeightPrecision, modelHash: String
    ) throws(CheckpointError) {
        file = try PackedFile(url)
        guard file.title == Self.title(precision, modelHash),
            file.matrices == Self.matrices(configuration, precision)
        else {
            throw CheckpointError(
                .unsupported, file: url.path, "holds packed weights of another model, precision or version")
        }
        try file.requireIntact()
    }

    public func matrix(_ part: PackedPart) throws(CheckpointError) -> PackedMatrix {
        guard let bytes = file.bytes(of: part.name), let start = bytes.withBytes(\.baseAddress),
            bytes.byteCount == part.layout.byteCount
        else {
            throw CheckpointError(.missing, file: path, subject: part.name, "there are no such packed weights")
        }
        // The matrix owns the tensor, whose bytes stay mapped as long as it lives.
        return PackedMatrix(part.layout, bytes: start, owner: bytes)
    }

    /// Packs a model's matrices into a file, one after another, some megabytes of them in memory at a time.
    ///
    /// - Throws: `PackedFileWriter.CannotWrite` when the place cannot take it, `CheckpointError` when a tensor is missing,
    ///   has another shape or numbers that are not finite.
    public static func make(
        _ url: URL, _ source: any TensorSource, _ configuration: LanguageModelConfiguration,
        _ precision: WeightPrecision, modelHash: String, pool: WorkerPool
    ) throws {
        let parts = Dictionary(uniqueKeysWithValues: precision.packedMatrices(configuration).map { ($0.name, $0) })
        try PackedFileWriter.write(title(precision, modelHash), matrices(configuration, precision), to: url) {
            matrix, append in
            guard let part = parts[matrix.name] else { preconditionFailure("\(matrix.name) has no layout") }
            try MatrixPacker(source, part, pool: pool).stream(to: append)
        }
    }

    private static func title(_ precision: WeightPrecision, _ modelHash: String) -> PackedFile.Title {
        PackedFile.Title(
            modelHash: modelHash, precision: precision.rawValue, layoutVersion: PackedLayout.version)
    }

    private static func matrices(
        _ configuration: LanguageModelConfiguration, _ precision: WeightPrecision
    ) -> [PackedFile.Matrix] {
        precision.packedMatrices(configuration).map {
            PackedFile.Matrix(
                name: $0.name, bits: $0.layout.bits.rawValue, outputs: $0.layout.outputs, inputs: $0.layout.inputs,
                byteCount: $0.layout.byteCount)
        }
    }
}
