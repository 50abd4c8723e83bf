package import Foundation

/// Tensors that are made as they are asked for, some of which lie in files instead, as those of a checkpoint do: of those
/// only what is touched takes memory. For measuring what a model on disk takes where none is.
package struct SpilledTensors: TensorSource {
    private let base: any TensorSource
    private let spilled: [String: StoredTensor]

    package var names: [String] { base.names }
    package var location: String { base.location }

    /// - Parameters:
    ///   - names: Of the tensors that are to lie in files.
    ///   - folder: Of the files, which lose their names at once: their bytes go with the last tensor that has them.
    /// - Throws: `CheckpointError` of a tensor, or what the file system says.
    package init(_ base: any TensorSource, _ names: [String], folder: URL) throws {
        self.base = base
        spilled = Dictionary(
            uniqueKeysWithValues: try names.map { name in
                let tensor = try base.tensor(name)
                let file = folder.appending(path: name)
                defer { try? FileManager.default.removeItem(at: file) }
                try tensor.withBytes { bytes in
                    let data =
                        bytes.baseAddress.map {
                            Data(
                                bytesNoCopy: UnsafeMutableRawPointer(mutating: $0), count: bytes.count,
                                deallocator: .none)
                        } ?? Data()
                    try data.write(to: file)
                }
                let mapped = try MappedFile(path: file.path)
                return (
                    name,
                    StoredTensor(
                        name: name, shape: tensor.shape, scalarType: tensor.scalarType, file: tensor.file,
                        owner: mapped, range: 0..<tensor.byteCount)
                )
            })
    }

    package func tensor(_ name: String) throws(CheckpointError) -> StoredTensor {
        if let tensor = spilled[name] { return tensor }
        return try base.tensor(name)
    }

    package func layout(_ name: String) -> TensorLayout? { base.layout(name) }
}
