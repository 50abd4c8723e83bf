import Foundation
import ServiceKit

/// Files that a user names.
enum InputFile {
    /// - Throws: `ServiceFailure` naming the file when it cannot be read or is larger than `bytesMax`.
    static func bytes(_ path: String, bytesMax: Int) throws(ServiceFailure) -> [UInt8] {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw ServiceFailure(.noInput, "\(path) does not exist or cannot be read")
        }
        defer { try? handle.close() }
        return try bytes(handle, name: path, bytesMax: bytesMax)
    }

    static func bytes(_ handle: FileHandle, name: String, bytesMax: Int) throws(ServiceFailure) -> [UInt8] {
        var all: [UInt8] = []
        do {
            while let piece = try handle.read(upToCount: 1 << 20), !piece.isEmpty {
                all.append(contentsOf: piece)
                guard all.count <= bytesMax else {
                    throw ServiceFailure(.badData, "\(name) has more than \(bytesMax) bytes")
                }
            }
        } catch let failure as ServiceFailure {
            throw failure
        } catch {
            throw ServiceFailure(.noInput, "\(name) cannot be read: \(error.localizedDescription)")
        }
        return all
    }

    static func text(_ bytes: [UInt8], name: String) throws(ServiceFailure) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ServiceFailure(.badData, "\(name) is not UTF-8")
        }
        return text
    }
}

/// Lines of JSON, keys in snake case and in the order of the alphabet.
enum JSONLine {
    static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
