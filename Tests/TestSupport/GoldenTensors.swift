public import Foundation

/// Reads the safetensors of golden cases, on purpose apart from the product's own reader, which is under test.
public struct GoldenTensors: Sendable {
    public struct Tensor: Sendable {
        public let dtype: String
        public let shape: [Int]
        let bytes: Data

        public var count: Int { shape.reduce(1, *) }
        public var floats: [Float] { read(Float.self, of: "F32") }
        public var doubles: [Double] { read(Double.self, of: "F64") }
        public var int32s: [Int32] { read(Int32.self, of: "I32") }
        /// Ids or codes, of either width.
        public var integers: [Int] {
            dtype == "I64" ? read(Int64.self, of: "I64").map { Int($0) } : int32s.map { Int($0) }
        }
        public var bytesAsUInt8: [UInt8] { read(UInt8.self, of: "U8") }

        private func read<Value>(_: Value.Type, of wanted: String) -> [Value] {
            precondition(dtype == wanted, "tensor of \(dtype) read as \(wanted)")
            return [Value](unsafeUninitializedCapacity: count) { buffer, initialized in
                _ = bytes.copyBytes(to: buffer)
                initialized = count
            }
        }
    }

    public let tensors: [String: Tensor]

    init() { tensors = [:] }

    public init(file: URL) throws {
        let data = try Data(contentsOf: file)
        let headerBytes = data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        let header = try JSONDecoder().decode(JSONValue.self, from: data[8..<8 + headerBytes])
        var found: [String: Tensor] = [:]
        for (name, fact) in header.object where name != "__metadata__" {
            let start = 8 + headerBytes + (fact["data_offsets"][0].int ?? 0)
            let end = 8 + headerBytes + (fact["data_offsets"][1].int ?? 0)
            found[name] = Tensor(
                dtype: fact["dtype"].string ?? "", shape: fact["shape"].array.compactMap(\.int),
                bytes: data.subdata(in: start..<end))
        }
        tensors = found
    }

    public subscript(name: String) -> Tensor? { tensors[name] }
    public var names: [String] { tensors.keys.sorted() }

    /// The tensor, or an error that names it and what there is.
    public func require(_ name: String) throws -> Tensor {
        guard let tensor = tensors[name] else { throw Missing(name: name, present: names) }
        return tensor
    }

    struct Missing: Error, CustomStringConvertible {
        let name: String
        let present: [String]
        var description: String { "no tensor \(name) among \(present)" }
    }
}
