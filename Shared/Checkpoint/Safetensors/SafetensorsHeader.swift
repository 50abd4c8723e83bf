/// The header of a safetensors file, held against the bytes behind it.
///
/// The tensors must cover everything behind the header exactly: a gap can hide data, an overlap lets one tensor's bytes pass
/// for another's, and the format allows neither.
struct SafetensorsHeader {
    let places: [String: TensorPlace]

    /// A thousand times what the largest published shard has.
    static let headerBytesMax = 64 << 20

    init(_ bytes: UnsafeRawBufferPointer, file: String) throws(CheckpointError) {
        try GitPointer.refuse(bytes, file: file)
        guard bytes.count >= 8 else {
            throw CheckpointError(.truncated, file: file, "is \(bytes.count) bytes, too short for a safetensors file")
        }
        let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
        guard length <= UInt64(Self.headerBytesMax) else {
            throw CheckpointError(
                .tooLarge, file: file, "claims a header of \(length) bytes; allowed is \(Self.headerBytesMax)",
                remedy: "it is probably no safetensors file")
        }
        let dataStart = 8 + Int(length)
        guard dataStart <= bytes.count else {
            throw CheckpointError(
                .truncated, file: file, "claims a header of \(length) bytes and has \(bytes.count) bytes in all",
                remedy: "fetch it again")
        }
        let header = try JSONReader.parse(UnsafeRawBufferPointer(rebasing: bytes[8..<dataStart]), file: file)
        guard let entries = header.asTable else {
            throw CheckpointError(.malformed, file: file, "the header is \(header.kind), not a table of tensors")
        }
        var places: [String: TensorPlace] = [:]
        places.reserveCapacity(entries.count)
        for (name, entry) in entries where name != "__metadata__" {
            places[name] = try Self.place(name, entry, file: file, dataStart: dataStart, fileEnd: bytes.count)
        }
        try Self.checkCover(places, file: file, data: dataStart..<bytes.count)
        self.places = places
    }

    private static func place(
        _ name: String, _ entry: ConfigurationValue, file: String, dataStart: Int, fileEnd: Int
    ) throws(CheckpointError) -> TensorPlace {
        func malformed(_ what: String) -> CheckpointError {
            CheckpointError(.malformed, file: file, subject: name, what)
        }
        guard let fields = entry.asTable else { throw malformed("its entry is \(entry.kind), not a table") }
        guard let typeName = fields["dtype"]?.asString else { throw malformed("its entry has no dtype") }
        guard let scalarType = scalarTypes[typeName] else {
            throw CheckpointError(
                .unsupported, file: file, subject: name, "has element type \(typeName.prefix(32)), which is not read",
                remedy: "convert the file to float32 or bfloat16")
        }
        guard let dimensions = fields["shape"]?.asList else { throw malformed("its entry has no shape") }
        let shape = dimensions.compactMap(\.asInteger)
        guard shape.count == dimensions.count,
            let byteCount = TensorPlace.byteCount(shape: shape, scalarType: scalarType)
        else { throw malformed("its shape is no shape of a tensor that fits a file") }

        guard let offsets = fields["data_offsets"]?.asList?.compactMap(\.asInteger), offsets.count == 2 else {
            throw malformed("its entry has no pair of data_offsets")
        }
        guard 0 <= offsets[0], offsets[0] <= offsets[1] else {
            throw CheckpointError(
                .outOfRange, file: file, subject: name, "has data_offsets \(offsets), which are no range")
        }
        guard offsets[1] <= fileEnd - dataStart else {
            throw CheckpointError(
                .outOfRange, file: file, subject: name,
                "ends at byte \(offsets[1]) of the data, which has \(fileEnd - dataStart)",
                remedy: "the file was cut short; fetch it again")
        }
        guard offsets[1] - offsets[0] == byteCount else {
            throw CheckpointError(
                .wrongShape, file: file, subject: name,
                "has \(offsets[1] - offsets[0]) bytes; \(shape) of \(scalarType) is \(byteCount)")
        }
        return TensorPlace(
            layout: TensorLayout(shape: shape, scalarType: scalarType),
            range: dataStart + offsets[0]..<dataStart + offsets[1])
    }

    private static func checkCover(
        _ places: [String: TensorPlace], file: String, data: Range<Int>
    ) throws(CheckpointError) {
        let ordered = places.sorted {
            ($0.value.range.lowerBound, $0.value.range.upperBound, $0.key)
                < ($1.value.range.lowerBound, $1.value.range.upperBound, $1.key)
        }
        var end = data.lowerBound
        for (name, place) in ordered {
            if place.range.lowerBound < end {
                throw CheckpointError(
                    .outOfRange, file: file, subject: name, "claims bytes that another tensor claims too")
            }
            if place.range.lowerBound > end {
                throw CheckpointError(
                    .outOfRange, file: file, subject: name,
                    "\(place.range.lowerBound - end) bytes before it belong to no tensor")
            }
            end = place.range.upperBound
        }
        guard end == data.upperBound else {
            throw CheckpointError(
                .outOfRange, file: file, "the last \(data.upperBound - end) bytes belong to no tensor")
        }
    }

    private static let scalarTypes: [String: ScalarType] = [
        "F64": .float64, "F32": .float32, "F16": .float16, "BF16": .bfloat16, "I64": .int64, "I32": .int32,
        "I16": .int16, "I8": .int8, "U8": .uint8, "BOOL": .bool,
    ]
}
