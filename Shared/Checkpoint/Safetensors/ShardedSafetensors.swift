public import Foundation

/// A model in several safetensors files, told apart by `model.safetensors.index.json`.
///
/// Index and shards must agree both ways: a tensor stands in the shard that the index names, and a shard holds nothing else.
public struct ShardedSafetensors: TensorSource {
    private let shards: [String: SafetensorsFile]
    private let shardOfTensor: [String: String]
    public let names: [String]
    public let location: String
    /// The shards, in the order of their names.
    let files: [URL]

    private static let shardsMax = 1024

    public init(index: URL) throws(CheckpointError) {
        location = index.path
        let fields = try ConfigurationFields(ConfigurationFile.json(index), file: index.path)
        guard let map = fields["weight_map"]?.asTable else {
            throw CheckpointError(.malformed, file: index.path, subject: "weight_map", "is not a table of tensors")
        }
        var shardOfTensor: [String: String] = [:]
        for (name, shard) in map {
            guard let shard = shard.asString, Self.isPlainName(shard) else {
                throw CheckpointError(
                    .malformed, file: index.path, subject: name,
                    "does not stand in a file of the index's own folder that ends in .safetensors")
            }
            shardOfTensor[name] = shard
        }
        let shardNames = Set(shardOfTensor.values).sorted()
        guard shardNames.count <= Self.shardsMax else {
            throw CheckpointError(.tooLarge, file: index.path, "names \(shardNames.count) shards")
        }
        var shards: [String: SafetensorsFile] = [:]
        for name in shardNames {
            let url = index.deletingLastPathComponent().appending(path: name)
            guard FileManager.default.fileExists(atPath: url.path) else {
                throw CheckpointError(
                    .missing, file: url.path, "this shard is not there; \(index.lastPathComponent) names it",
                    remedy: "fetch it again")
            }
            let shard = try SafetensorsFile(url)
            for tensor in shard.names where shardOfTensor[tensor] != name {
                throw CheckpointError(
                    .surplus, file: url.path, subject: tensor,
                    shardOfTensor[tensor].map { "the index has it in \($0)" } ?? "the index does not know it")
            }
            shards[name] = shard
        }
        for (tensor, name) in shardOfTensor.sorted(by: { $0.key < $1.key })
        where shards[name]?.contains(tensor) != true {
            throw CheckpointError(
                .missing, file: index.deletingLastPathComponent().appending(path: name).path, subject: tensor,
                "the index has it in this shard, and it is not there")
        }
        self.shards = shards
        files = shardNames.map { index.deletingLastPathComponent().appending(path: $0) }
        self.shardOfTensor = shardOfTensor
        names = shardOfTensor.keys.sorted()
    }

    /// A name that cannot lead out of the folder.
    private static func isPlainName(_ name: String) -> Bool {
        name.hasSuffix(".safetensors") && name.utf8.count <= 255 && !name.hasPrefix(".") && !name.contains("/")
            && !name.contains("\\") && !name.utf8.contains(0)
    }

    public func layout(_ name: String) -> TensorLayout? { shardOfTensor[name].flatMap { shards[$0]?.layout(name) } }

    public func tensor(_ name: String) throws(CheckpointError) -> StoredTensor {
        guard let shard = shardOfTensor[name].flatMap({ shards[$0] }) else { throw missing(name) }
        return try shard.tensor(name)
    }
}
