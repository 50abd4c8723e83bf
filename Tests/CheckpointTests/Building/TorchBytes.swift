/// Writes what `torch.save` writes for a dictionary of tensors, sound or not, for tests.
struct TorchBytes {
    struct Tensor {
        var name: String
        /// Entry of the archive.
        var key = "0"
        var storageType = "FloatStorage"
        /// Elements of the storage.
        var count: Int
        var offset = 0
        var shape: [Int]
        var strides: [Int]
        /// Wrapped as a parameter.
        var isParameter = false
    }

    var tensors: [Tensor]
    /// Key of the dictionary around the tensors, if there is one.
    var nesting: String?
    /// Entries `data/<key>`.
    var storages: [(key: String, bytes: [UInt8])]
    /// Opcodes before the end, the dictionary being on the stack.
    var tail: [UInt8] = []

    func bytes() -> [UInt8] { zip().bytes() }

    func zip() -> ZipBytes {
        ZipBytes(
            entries: [
                .init(name: "archive/data.pkl", data: pickle()),
                .init(name: "archive/byteorder", data: Array("little".utf8)),
            ]
                + storages.map { .init(name: "archive/data/\($0.key)", data: $0.bytes) })
    }

    func pickle() -> [UInt8] {
        var text: [UInt8] = [0x80, 2]
        if let nesting { text += Array("}".utf8) + Pickle.text(nesting) }
        text += Pickle.global("collections", "OrderedDict") + Array(")R(".utf8)
        for tensor in tensors { text += Pickle.text(tensor.name) + Pickle.tensor(tensor) }
        text += Array("u".utf8)
        if nesting != nil { text += Array("s".utf8) }
        return text + tail + Array(".".utf8)
    }

    /// The opcodes of single values.
    enum Pickle {
        static func text(_ text: String) -> [UInt8] {
            Array("X".utf8) + littleEndian(UInt32(text.utf8.count)) + Array(text.utf8)
        }

        static func global(_ module: String, _ name: String) -> [UInt8] { Array("c\(module)\n\(name)\n".utf8) }

        static func integer(_ value: Int) -> [UInt8] {
            if let small = Int32(exactly: value) { return Array("J".utf8) + littleEndian(small) }
            return [0x8A, 8] + littleEndian(Int64(value))
        }

        static func tuple(_ elements: [[UInt8]]) -> [UInt8] { Array("(".utf8) + elements.joined() + Array("t".utf8) }

        static func tensor(_ tensor: Tensor) -> [UInt8] {
            let storage = tuple([
                text("storage"), global("torch", tensor.storageType), text(tensor.key), text("cpu"),
                integer(tensor.count),
            ])
            let made =
                global("torch._utils", "_rebuild_tensor_v2")
                + tuple([
                    storage + Array("Q".utf8), integer(tensor.offset), tuple(tensor.shape.map(integer)),
                    tuple(tensor.strides.map(integer)), [0x89], global("collections", "OrderedDict") + Array(")R".utf8),
                ]) + Array("R".utf8)
            guard tensor.isParameter else { return made }
            return global("torch._utils", "_rebuild_parameter")
                + tuple([made, [0x88], global("collections", "OrderedDict") + Array(")R".utf8)]) + Array("R".utf8)
        }
    }
}
