public import Foundation

/// One safetensors file, mapped: an eight-byte header length, a JSON header, and the tensors' bytes without gap or overlap.
///
/// Opening checks the whole header against the file; after that no request can leave the file's bytes.
public struct SafetensorsFile: TensorSource {
    private let file: MappedFile
    private let places: [String: TensorPlace]
    public let names: [String]

    public var location: String { file.path }

    public init(_ url: URL) throws(CheckpointError) {
        let mapped = try MappedFile(path: url.path)
        let header = try SafetensorsHeader(mapped.bytes, file: mapped.path)
        file = mapped
        places = header.places
        names = header.places.keys.sorted()
    }

    public func layout(_ name: String) -> TensorLayout? { places[name]?.layout }

    public func tensor(_ name: String) throws(CheckpointError) -> StoredTensor {
        guard let place = places[name] else { throw missing(name) }
        return place.tensor(name, in: file, file: file.path)
    }
}
