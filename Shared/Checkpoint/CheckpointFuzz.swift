/// The room's doors for bytes from strangers, one function each, for a fuzzer and for seeded mutation tests.
///
/// Each takes any bytes and returns: true when they were accepted and everything in them could be read, false when they were
/// refused with a `CheckpointError`. They never trap, and take memory and time linear in the input.
package enum CheckpointFuzz {
    package static func safetensors(_ input: [UInt8]) -> Bool {
        accepts(input) { (owner) throws(CheckpointError) in
            let header = try SafetensorsHeader(owner.bytes, file: "input")
            for (name, place) in header.places { try read(place.tensor(name, in: owner, file: "input")) }
        }
    }

    package static func torchArchive(_ input: [UInt8]) -> Bool {
        accepts(input) { (owner) throws(CheckpointError) in
            let zip = try TorchArchive.directory(owner.bytes, file: "input")
            let tensors = try TorchArchive.tensors(in: zip, owner.bytes, file: "input")
            for (name, tensor) in tensors { try read(tensor.stored(name, in: owner, file: "input")) }
        }
    }

    /// A pickle without the archive around it.
    package static func pickle(_ input: [UInt8]) -> Bool {
        accepts(input) { (owner) throws(CheckpointError) in
            var machine = PickleMachine(owner.bytes, in: 0..<owner.bytes.count, file: "input")
            let root = try machine.run()
            _ = try StateDictionary.tensors(of: root, in: machine, file: "input")
        }
    }

    package static func yaml(_ input: [UInt8]) -> Bool {
        accepts(input) { (owner) throws(CheckpointError) in
            let value = try YAMLReader.parse(owner.bytes, file: "input")
            _ = CodecTensors.expected(try CodecConfiguration(value, file: "input"))
        }
    }

    package static func configJSON(_ input: [UInt8]) -> Bool {
        accepts(input) { (owner) throws(CheckpointError) in
            let value = try JSONReader.parse(owner.bytes, file: "input")
            _ = try? GenerationConfiguration(value, file: "input", channels: 8)
            _ = LanguageModelTensors.expected(try LanguageModelConfiguration(value, file: "input"))
        }
    }

    package static func packedFile(_ input: [UInt8]) -> Bool {
        accepts(input) { (owner) throws(CheckpointError) in
            let header = try PackedFileHeader(owner.bytes, file: "input")
            _ = PackedFile.digests(of: header.entries.map(\.range), in: owner.bytes)
        }
    }

    /// The same with the header's digest put right, so that what is behind it meets the damage.
    package static func packedFileWithItsDigest(_ input: [UInt8]) -> Bool {
        packedFile(PackedFileHeader.digestPutRight(input))
    }

    private static func accepts(_ input: [UInt8], _ body: (OwnedBytes) throws(CheckpointError) -> Void) -> Bool {
        let owner = OwnedBytes(count: input.count) { bytes in input.withUnsafeBytes(bytes.copyMemory(from:)) }
        do {
            try body(owner)
            return true
        } catch {
            return false
        }
    }

    /// Touches every byte, which a wrong place would not survive.
    private static func read(_ tensor: StoredTensor) throws(CheckpointError) {
        let sum = tensor.withBytes { $0.reduce(0) { $0 &+ Int($1) } }
        if sum >= 0 && tensor.scalarType.isFloatingPoint { _ = try tensor.floats() }
    }
}
