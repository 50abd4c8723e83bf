public import Foundation

/// A checkpoint that `torch.save` wrote: a zip file with a pickle of names and shapes and one entry a storage, mapped.
///
/// The state dictionary stands at the pickle's top or under `generator`. Only its tensors are read; nothing is executed.
public struct TorchArchive: TensorSource {
    private let file: MappedFile
    private let tensors: [String: TorchTensor]
    private let entries: [String: ZipDirectory.Entry]
    public let names: [String]

    public var location: String { file.path }

    public init(_ url: URL) throws(CheckpointError) {
        let mapped = try MappedFile(path: url.path)
        file = mapped
        let zip = try TorchArchive.directory(mapped.bytes, file: mapped.path)
        entries = zip.entries
        tensors = try TorchArchive.tensors(in: zip, mapped.bytes, file: mapped.path)
        names = tensors.keys.sorted()
    }

    public func layout(_ name: String) -> TensorLayout? { tensors[name]?.place.layout }

    public func tensor(_ name: String) throws(CheckpointError) -> StoredTensor {
        guard let tensor = tensors[name] else { throw missing(name) }
        return tensor.stored(name, in: file, file: file.path)
    }

    /// The archive's entries whose bytes do not have their checksum; reads every byte.
    func damagedEntries() -> [ModelFinding] {
        entries.filter { Checksum.crc32(file.bytes[$0.value.range]) != $0.value.checksum }.keys.sorted().map {
            ModelFinding(
                .warning, file: location, subject: $0, "does not have its own checksum",
                remedy: "fetch it again, unless it was saved without checksums")
        }
    }

    static func directory(_ bytes: UnsafeRawBufferPointer, file: String) throws(CheckpointError) -> ZipDirectory {
        try refuseOtherForms(bytes, file: file)
        return try ZipDirectory(bytes, file: file)
    }

    static func tensors(in zip: ZipDirectory, _ bytes: UnsafeRawBufferPointer, file: String) throws(CheckpointError)
        -> [String: TorchTensor]
    {
        let pickles = zip.entries.keys.filter { $0 == "data.pkl" || $0.hasSuffix("/data.pkl") }
        guard pickles.count == 1, let pickle = pickles.first, let entry = zip.entries[pickle] else {
            throw CheckpointError(
                .malformed, file: file,
                "is a zip file with \(pickles.count) entries data.pkl, not what torch.save writes")
        }
        let root = String(pickle.dropLast("data.pkl".count))
        try refuseOtherArchives(zip, root: root, bytes, file: file)
        guard entry.range.count <= PickleMachine.bytesMax else {
            throw CheckpointError(
                .tooLarge, file: file, subject: pickle,
                "is \(entry.range.count) bytes; allowed is \(PickleMachine.bytesMax)")
        }
        var machine = PickleMachine(bytes, in: entry.range, file: file)
        let value = try machine.run()
        let stored = try StateDictionary.tensors(of: value, in: machine, file: file)
        var tensors: [String: TorchTensor] = [:]
        for (name, tensor) in stored {
            tensors[name] = try TorchTensor(name, tensor, zip: zip, root: root, file: file)
        }
        return tensors
    }

    /// What else is called a checkpoint, each with the way out.
    private static func refuseOtherForms(_ bytes: UnsafeRawBufferPointer, file: String) throws(CheckpointError) {
        let start = Array(bytes.prefix(9))
        if start.starts(with: [0x50, 0x4B]) { return }
        if start.count >= 2, start[0] == 0x80, (2...5).contains(start[1]) {
            throw CheckpointError(
                .unsupported, file: file, "is in PyTorch's form from before 1.6, a bare pickle",
                remedy:
                    "save it again: python3 -c \"import torch; torch.save(torch.load('FILE', weights_only=True), 'FILE')\""
            )
        }
        if start.count == 9, start[8] == UInt8(ascii: "{") {
            throw CheckpointError(
                .unsupported, file: file, "looks like safetensors", remedy: "give its name the ending .safetensors")
        }
        try GitPointer.refuse(bytes, file: file)
        throw CheckpointError(.malformed, file: file, "is neither a zip file nor anything PyTorch writes")
    }

    private static func refuseOtherArchives(
        _ zip: ZipDirectory, root: String, _ bytes: UnsafeRawBufferPointer, file: String
    ) throws(CheckpointError) {
        if zip.entries[root + "constants.pkl"] != nil {
            throw CheckpointError(
                .unsupported, file: file, "is a TorchScript program, not a state dictionary",
                remedy: "save the module's state_dict() with torch.save")
        }
        if let order = zip.entries[root + "byteorder"], !bytes[order.range].elementsEqual("little".utf8) {
            throw CheckpointError(.unsupported, file: file, "was written on a big-endian machine")
        }
    }
}
