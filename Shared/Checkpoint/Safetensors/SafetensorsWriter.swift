import Foundation
import Glibc

/// Writes tensors into a safetensors file, one after another. It appears under its name when it is whole.
enum SafetensorsWriter {
    /// - Throws: `PackedFileWriter.CannotWrite`, with nothing left behind, or `CheckpointError` of a tensor.
    static func write(_ source: any TensorSource, to url: URL) throws {
        let draft = url.path + PackedFileWriter.draftEnding
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else { throw PackedFileWriter.CannotWrite(draft) }
        defer { close(descriptor) }
        func append(_ bytes: UnsafeRawBufferPointer) throws {
            var left = bytes
            while let start = left.baseAddress, !left.isEmpty {
                let written = Glibc.write(descriptor, start, left.count)
                if written < 0 && errno == EINTR { continue }
                guard written > 0 else { throw PackedFileWriter.CannotWrite(draft) }
                left = UnsafeRawBufferPointer(rebasing: left[written...])
            }
        }
        do {
            let header = try header(of: source)
            try withUnsafeBytes(of: UInt64(header.count).littleEndian) { try append($0) }
            try header.withUnsafeBytes { try append($0) }
            for name in source.names { try source.tensor(name).withBytes { try append($0) } }
            guard rename(draft, url.path) == 0 else { throw PackedFileWriter.CannotWrite(url.path) }
        } catch {
            unlink(draft)
            throw error
        }
    }

    private struct Entry: Encodable {
        let dtype: String
        let shape: [Int]
        let dataOffsets: [Int]
    }

    /// In JSON, filled up with blanks so that the numbers behind it lie at a multiple of 8.
    private static func header(of source: any TensorSource) throws -> Data {
        var entries: [String: Entry] = [:]
        var end = 0
        for name in source.names {
            guard let layout = source.layout(name) else { continue }
            let start = end
            end += layout.shape.reduce(layout.scalarType.size, *)
            let type = layout.scalarType.shortName.uppercased()
            entries[name] = Entry(dtype: type, shape: layout.shape, dataOffsets: [start, end])
        }
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys]
        // Names are keys too, and stay as they are: the strategy leaves a dictionary's alone.
        var header = try encoder.encode(entries)
        header.append(contentsOf: repeatElement(UInt8(ascii: " "), count: (8 - header.count % 8) % 8))
        return header
    }
}
