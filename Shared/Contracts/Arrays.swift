import Tokens

/// Blobs as arrays: little-endian, row-major, their element type fixed by the method and their shape by the payload.
enum Arrays {
    static func bytes<Element: FixedWidthInteger>(_ values: [Element]) -> [UInt8] {
        if Element(1).littleEndian == 1 { return values.withUnsafeBytes { Array($0) } }
        return values.map(\.littleEndian).withUnsafeBytes { Array($0) }
    }

    static func bytes(_ values: [Float]) -> [UInt8] { bytes(values.map(\.bitPattern)) }

    /// - Throws: `malformed` when the blob is missing or is not `count` elements long.
    static func integers<Element: FixedWidthInteger>(
        _: Element.Type, blob: UInt32, count: Int, of body: MessageBody, field: String
    ) throws(CallError) -> [Element] {
        let bytes = try raw(blob, of: body, field: field)
        let wanted = count * MemoryLayout<Element>.size
        guard bytes.count == wanted else {
            throw CallError(.malformed, "\(field): the blob has \(bytes.count) bytes; its shape says \(wanted)")
        }
        return [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
            bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(buffer).copyMemory(from: $0) }
            for index in 0..<count { buffer[index] = Element(littleEndian: buffer[index]) }
            initialized = count
        }
    }

    static func floats(blob: UInt32, count: Int, of body: MessageBody, field: String) throws(CallError) -> [Float] {
        try integers(UInt32.self, blob: blob, count: count, of: body, field: field).map(Float.init(bitPattern:))
    }

    /// A sound file as it is.
    static func file(blob: UInt32, of body: MessageBody, field: String) throws(CallError) -> [UInt8] {
        let bytes = try raw(blob, of: body, field: field)
        guard bytes.count <= ContractLimits.audioBytesMax else {
            throw CallError(
                .tooLarge, "\(field): \(bytes.count) bytes; allowed are \(ContractLimits.audioBytesMax)")
        }
        return bytes
    }

    /// `[frames, codebooks]` of u16.
    static func codes(
        blob: UInt32, frames: UInt32, codebooks: UInt32, framesMax: Int, of body: MessageBody, field: String
    ) throws(CallError) -> CodeMatrix {
        guard (1...UInt32(ContractLimits.channelsMax)).contains(codebooks) else {
            throw CallError(
                .malformed, "\(field): \(codebooks) codebooks; allowed is 1...\(ContractLimits.channelsMax)")
        }
        guard frames <= framesMax else {
            throw CallError(.tooLarge, "\(field): \(frames) frames; allowed are \(framesMax)")
        }
        let codes = try integers(
            UInt16.self, blob: blob, count: Int(frames) * Int(codebooks), of: body, field: field)
        return CodeMatrix(codebooks: Int(codebooks), codes: codes)
    }

    private static func raw(_ blob: UInt32, of body: MessageBody, field: String) throws(CallError) -> [UInt8] {
        guard blob < body.blobs.count else {
            throw CallError(.malformed, "\(field): blob \(blob) of a message with \(body.blobs.count)")
        }
        return body.blobs[Int(blob)]
    }
}

/// Collects the blobs of a message under construction.
struct BlobWriter {
    private(set) var blobs: [[UInt8]] = []

    mutating func add(_ bytes: [UInt8]) -> UInt32 {
        blobs.append(bytes)
        return UInt32(blobs.count - 1)
    }

    mutating func add(_ codes: CodeMatrix) -> UInt32 { add(Arrays.bytes(codes.codes)) }
}
