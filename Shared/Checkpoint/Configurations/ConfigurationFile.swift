import Foundation

/// Reads a whole configuration file; its size is bounded before a byte of it is read.
enum ConfigurationFile {
    /// Tokenizer-sized JSON has no business here: the largest published `config.json` is 2 KiB, a large shard index 1 MiB.
    static let bytesMax = 8 << 20

    static func json(_ file: URL) throws(CheckpointError) -> ConfigurationValue {
        let mapped = try map(file)
        return try JSONReader.parse(mapped.bytes, file: file.path)
    }

    static func yaml(_ file: URL) throws(CheckpointError) -> ConfigurationValue {
        let mapped = try map(file)
        return try YAMLReader.parse(mapped.bytes, file: file.path)
    }

    private static func map(_ file: URL) throws(CheckpointError) -> MappedFile {
        let mapped = try MappedFile(path: file.path)
        guard mapped.bytes.count <= bytesMax else {
            throw CheckpointError(
                .tooLarge, file: file.path, "is \(mapped.bytes.count) bytes; a configuration has at most \(bytesMax)")
        }
        return mapped
    }
}
