import Checkpoint
import Foundation
import TestSupport
import Testing

@Suite struct ShardTests {
    /// A folder with two shards and this index.
    private func folder(index: String) throws -> ScratchFolder {
        let scratch = try ScratchFolder()
        try Data(SafetensorsBytes.sound([("a", [2])])).write(to: scratch.url.appending(path: "one.safetensors"))
        try Data(SafetensorsBytes.sound([("b", [3])])).write(to: scratch.url.appending(path: "two.safetensors"))
        try Data(index.utf8).write(to: scratch.url.appending(path: "model.safetensors.index.json"))
        return scratch
    }

    private func open(_ scratch: ScratchFolder) throws -> ShardedSafetensors {
        try ShardedSafetensors(index: scratch.url.appending(path: "model.safetensors.index.json"))
    }

    @Test func readsTensorsFromTheirShards() throws {
        let scratch = try folder(index: #"{"weight_map":{"a":"one.safetensors","b":"two.safetensors"}}"#)
        let shards = try open(scratch)
        #expect(shards.names == ["a", "b"])
        #expect(try shards.tensor("b").floats() == [1, 2, 3])
        #expect(!shards.contains("c"))
    }

    @Test(arguments: [
        (#"{"weight_map":{"a":"one.safetensors","b":"three.safetensors"}}"#, CheckpointError.Kind.missing, nil),
        (#"{"weight_map":{"a":"two.safetensors","b":"two.safetensors"}}"#, .missing, "a"),
        (#"{"weight_map":{"a":"one.safetensors","b":"two.safetensors","c":"two.safetensors"}}"#, .missing, "c"),
        (#"{"weight_map":{"a":"two.safetensors","b":"one.safetensors"}}"#, .surplus, "a"),
        (#"{"weight_map":{"c":"one.safetensors","b":"two.safetensors"}}"#, .surplus, "a"),
        (#"{"weight_map":{"a":"../one.safetensors"}}"#, .malformed, "a"),
        (#"{"weight_map":{"a":"/etc/one.safetensors"}}"#, .malformed, "a"),
        (#"{"weight_map":{"a":"one.bin"}}"#, .malformed, "a"),
        (#"{"weight_map":{"a":1}}"#, .malformed, "a"),
        (#"{"weight_map":["a"]}"#, .malformed, "weight_map"),
        (#"{}"#, .malformed, "weight_map"),
        (#"{"weight_map":{"a":"one.safetensors","a":"one.safetensors"}}"#, .duplicate, "a"),
    ])
    func refusesAnIndexThatTheShardsDoNotBearOut(index: String, kind: CheckpointError.Kind, subject: String?) throws {
        let scratch = try folder(index: index)
        let error = try #require(throws: CheckpointError.self) { try open(scratch) }
        #expect(error.kind == kind, "\(error)")
        #expect(error.subject == subject, "\(error)")
        #expect(error.file.hasPrefix(scratch.url.path))
    }
}
