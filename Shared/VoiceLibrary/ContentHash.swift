import CSodium

/// SHA-256 as 64 lowercase hexadecimal digits.
enum ContentHash {
    static let digits = 64

    static func hash(_ bytes: [UInt8]) -> String {
        var digest = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
        // It cannot fail: libsodium returns 0 always, and needs no preparation for hashing.
        crypto_hash_sha256(&digest, bytes, UInt64(bytes.count))
        return Hexadecimal.text(digest)
    }

    static func isOne(_ text: String) -> Bool {
        text.utf8.count == digits && text.utf8.allSatisfy(Hexadecimal.isDigit)
    }
}

/// Lowercase hexadecimal digits.
enum Hexadecimal {
    private static let digits = Array("0123456789abcdef".utf8)

    static func isDigit(_ character: UInt8) -> Bool { digits.contains(character) }

    static func text(_ bytes: [UInt8]) -> String {
        String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
