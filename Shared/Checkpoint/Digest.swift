import CSodium

/// BLAKE2b-256 (RFC 7693).
struct Digest: Hashable, Sendable {
    static let byteCount = 32

    let bytes: [UInt8]

    init(of bytes: UnsafeRawBufferPointer) {
        var digest = [UInt8](repeating: 0, count: Self.byteCount)
        // A digest of no bytes needs no address, and one of this length without a key cannot fail.
        _ = crypto_generichash(
            &digest, digest.count, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt64(bytes.count), nil, 0)
        self.bytes = digest
    }

    init(of bytes: [UInt8]) { self = bytes.withUnsafeBytes { Digest(of: $0) } }

    /// 64 digits.
    var hexadecimal: String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 0xF, radix: 16) }.joined()
    }
}
