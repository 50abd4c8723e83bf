import Contracts

/// A message of CLQ/1 that has passed the door: `[envelope][payload][blob…]`.
struct WireMessage: Equatable, Sendable {
    var envelope: Envelope
    var body: MessageBody

    init(_ envelope: Envelope, _ body: MessageBody = MessageBody()) {
        self.envelope = envelope
        self.body = body
    }

    /// The stream, of a message that is about one.
    var stream: StreamID? { StreamID(envelope.stream) }

    /// - Throws: As `Envelope`; `malformed` for a kind without the stream it is about.
    init(parts: [[UInt8]]) throws(CallError) {
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

    var parts: [[UInt8]] {
        let start = [envelope.encoded()]
        if body.payload.isEmpty && body.blobs.isEmpty { return start }
        return start + [body.payload] + body.blobs
    }

    /// Bytes of payload and blobs: what a queue that holds the message holds.
    var bodyBytes: Int { body.blobs.reduce(body.payload.count) { $0 + $1.count } }
}

extension WireMessage {
    static func error(_ error: CallError, stream: [UInt8]) -> WireMessage {
        WireMessage(Envelope(.error, stream: stream), error.encoded())
    }

    static func error(_ error: CallError, stream: StreamID) -> WireMessage { .error(error, stream: stream.bytes) }

    static func complete(_ response: MessageBody, stream: StreamID) -> WireMessage {
        WireMessage(Envelope(.complete, stream: stream.bytes), response)
    }

    static func accepted(place: Int, stream: StreamID) -> WireMessage {
        WireMessage(Envelope(.accepted, stream: stream.bytes), Accepted(place: UInt32(clamping: place)).encoded())
    }

    static func cancel(_ stream: StreamID) -> WireMessage { WireMessage(Envelope(.cancel, stream: stream.bytes)) }

    /// Items of a stream; without one, requests.
    static func credit(_ more: Int, stream: StreamID? = nil) -> WireMessage {
        WireMessage(Envelope(.credit, stream: stream?.bytes ?? [], credit: UInt64(more)))
    }

    static func item(_ body: MessageBody, sequence: UInt64, stream: StreamID) -> WireMessage {
        WireMessage(Envelope(.item, stream: stream.bytes, sequence: sequence), body)
    }

    static func lastItem(sequence: UInt64, stream: StreamID) -> WireMessage {
        WireMessage(Envelope(.item, stream: stream.bytes, sequence: sequence, last: true))
    }
}
