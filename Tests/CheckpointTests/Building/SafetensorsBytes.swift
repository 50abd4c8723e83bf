/// Writes safetensors, sound or not, for tests.
enum SafetensorsBytes {
    struct Entry {
        var name: String
        var type = "F32"
        var shape: [Int]
        var offsets: [Int]
    }

    static func file(_ entries: [Entry], data: [UInt8]) -> [UInt8] {
        let members = entries.map {
            "\"\($0.name)\":{\"dtype\":\"\($0.type)\",\"shape\":\($0.shape),\"data_offsets\":\($0.offsets)}"
        }
        return file(header: "{" + members.joined(separator: ",") + "}", data: data)
    }

    /// - Parameter length: What the file claims the header's length to be; the truth by default.
    static func file(header: String, data: [UInt8] = [], length: UInt64? = nil) -> [UInt8] {
        let header = Array(header.utf8)
        return littleEndian(length ?? UInt64(header.count)) + header + data
    }

    /// float32 tensors one after another, filled with 1, 2, 3 ….
    static func sound(_ shapes: [(name: String, shape: [Int])]) -> [UInt8] {
        var entries: [Entry] = []
        var data: [UInt8] = []
        for (name, shape) in shapes {
            let count = shape.reduce(1, *)
            entries.append(Entry(name: name, shape: shape, offsets: [data.count, data.count + 4 * count]))
            data += (0..<count).flatMap { littleEndian(Float($0 + 1).bitPattern) }
        }
        return file(entries, data: data)
    }
}

func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
}
