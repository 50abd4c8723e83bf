import SwiftProtobuf

extension MessageBody {
    /// The payload as a protobuf message.
    ///
    /// - Throws: `malformed` naming the message for bytes that are none.
    func decode<Payload: SwiftProtobuf.Message>(_: Payload.Type) throws(CallError) -> Payload {
        do {
            return try Payload(serializedBytes: payload)
        } catch {
            throw CallError(.malformed, "the payload is no \(Payload.protoMessageName)")
        }
    }

    init(_ message: some SwiftProtobuf.Message, blobs: [[UInt8]] = []) {
        // Serialisation fails for missing proto2 fields and for broken UTF-8 only; we have neither.
        self.init(payload: (try? message.serializedBytes()) ?? [], blobs: blobs)
    }
}

/// Guards that checked messages share.
enum Check {
    static func text(_ text: String, bytesMax: Int, _ field: String) throws(CallError) -> String {
        guard text.utf8.count <= bytesMax else {
            throw CallError(.tooLarge, "\(field): \(text.utf8.count) bytes of text; allowed are \(bytesMax)")
        }
        return text
    }

    static func seconds(_ seconds: Double, max: Double, _ field: String) throws(CallError) -> Double {
        guard seconds.isFinite, (0...max).contains(seconds) else {
            throw CallError(.malformed, "\(field) is \(seconds); allowed is 0...\(max)")
        }
        return seconds
    }
}
