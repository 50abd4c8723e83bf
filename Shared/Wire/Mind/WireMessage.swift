package import Contracts

/// A message of CLQ/1 that has passed the door: `[envelope][payload][blob…]`.
package struct WireMessage: Equatable, Sendable {
    package var envelope: Envelope
    package var body: MessageBody

    package init(_ envelope: Envelope, _ body: MessageBody = MessageBody()) {
        self.envelope = envelope
        self.body = body
    }

    /// The stream, of a message that is about one.
    package var stream: StreamID? { StreamID(envelope.stream) }

    /// - Throws: As `Envelope`; `malformed` for a kind without the stream it is about.
    package init(parts: [[UInt8]]) throws(CallError) {
        guard let first = parts.first else { throw CallError(.malformed, "a message without an envelope") }
        envelope = try Envelope(bytes: first)
        body = MessageBody(payload: parts.count > 1 ? parts[1] : [], blobs: Array(parts.dropFirst(2)))
        switch envelope.kind {
        case .request, .accepted, .item, .complete, .cancel:
            guard !envelope.stream.isEmpty else {
                throw CallError(
                    .malformed, "\(envelope.kind) without envelope.stream, of \(Envelope.streamBytes) bytes")
            }
        case .hello, .welcome, .heartbeat, .credit, .error, .drain, .bye, .unknown:
            break
        }
    }

    package var parts: [[UInt8]] {
        let start = [envelope.encoded()]
        if body.payload.isEmpty && body.blobs.isEmpty { return start }
        return start + [body.payload] + body.blobs
    }

    /// Bytes of payload and blobs: what a queue that holds the message holds.
    package var bodyBytes: Int { body.blobs.reduce(body.payload.count) { $0 + $1.count } }
}

extension WireMessage {
    package static func error(_ error: CallError, stream: [UInt8]) -> WireMessage {
        WireMessage(Envelope(.error, stream: stream), error.encoded())
    }

    package static func error(_ error: CallError, stream: StreamID) -> WireMessage {
        .error(error, stream: stream.bytes)
    }

    /// - Parameter items: That were sent before it, so that a lost one cannot pass for the end.
    package static func complete(_ response: MessageBody, after items: UInt64, stream: StreamID) -> WireMessage {
        WireMessage(Envelope(.complete, stream: stream.bytes, sequence: items), response)
    }

    package static func accepted(place: Int, stream: StreamID) -> WireMessage {
        WireMessage(Envelope(.accepted, stream: stream.bytes), Accepted(place: UInt32(clamping: place)).encoded())
    }

    package static func cancel(_ stream: StreamID) -> WireMessage {
        WireMessage(Envelope(.cancel, stream: stream.bytes))
    }

    /// Items of a stream; without one, requests.
    package static func credit(_ more: Int, stream: StreamID? = nil) -> WireMessage {
        WireMessage(Envelope(.credit, stream: stream?.bytes ?? [], credit: UInt64(more)))
    }

    package static func item(_ body: MessageBody, sequence: UInt64, stream: StreamID) -> WireMessage {
        WireMessage(Envelope(.item, stream: stream.bytes, sequence: sequence), body)
    }

    package static func lastItem(sequence: UInt64, stream: StreamID) -> WireMessage {
        WireMessage(Envelope(.item, stream: stream.bytes, sequence: sequence, last: true))
    }
}
