import Foundation
import Tokens

/// Codes as the file keeps them: u16 little-endian, `[frames, codebooks]` row-major.
enum StoredCodes {
    static func bytes(_ codes: CodeMatrix) -> Data {
        var bytes = [UInt8]()
        bytes.reserveCapacity(codes.codes.count * 2)
        for code in codes.codes {
            bytes.append(UInt8(truncatingIfNeeded: code))
            bytes.append(UInt8(truncatingIfNeeded: code >> 8))
        }
        return Data(bytes)
    }

    /// - Throws: `VoiceLibraryError.damaged` when the bytes are no frames of so many codebooks.
    static func codes(_ bytes: Data, codebooks: Int, path: String) throws(VoiceLibraryError) -> CodeMatrix {
        guard codebooks > 0, bytes.count % (2 * codebooks) == 0 else {
            throw .damaged(path: path, reason: "\(bytes.count) bytes are no codes of \(codebooks) codebooks")
        }
        let raw = [UInt8](bytes)
        let values = stride(from: 0, to: raw.count, by: 2).map { UInt16(raw[$0]) | UInt16(raw[$0 + 1]) << 8 }
        return CodeMatrix(codebooks: codebooks, codes: values)
    }

    static func check(_ codes: CodeMatrix, field: String, limits: LibraryLimits) throws(VoiceLibraryError) {
        guard (1...limits.codebooks).contains(codes.codebooks) else {
            throw .invalid(
                field: "codebooks", reason: "is \(codes.codebooks); allowed are 1...\(limits.codebooks)")
        }
        guard !codes.codes.isEmpty else { throw .invalid(field: field, reason: "has no frame") }
        guard codes.codes.count * 2 <= limits.codeBytes else {
            throw .tooLarge(field: field, count: codes.codes.count * 2, limit: limits.codeBytes)
        }
    }

    /// - Throws: `VoiceLibraryError.invalid` for what is no hash.
    static func check(codecHash: String) throws(VoiceLibraryError) {
        guard (1...128).contains(codecHash.utf8.count), codecHash.utf8.allSatisfy(Hexadecimal.isDigit) else {
            throw .invalid(field: "codec_hash", reason: "is not 1...128 lowercase hexadecimal digits")
        }
    }
}
