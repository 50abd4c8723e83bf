import Foundation
import SwiftProtobuf

/// The first part of every message of CLQ/1. Envelope.proto tells what each field means.
public struct Envelope: Equatable, Sendable {
    /// The major version that this software speaks.
    public static let version: UInt32 = 1
    /// Bytes of a stream's id.
    public static let streamBytes = 16
    /// Bytes of the whole part; all it carries is short.
    public static let bytesMax = 4096
    /// Bytes of `method`, `tenant` and `traceparent`, each.
    public static let textBytesMax = 256

    /// Open: a kind that a newer peer knows is still a sound message, to be answered `unsupported`.
    public enum Kind: Hashable, Sendable {
        case hello, welcome, heartbeat, credit, request, accepted, item, complete, error, cancel, drain, bye
        case unknown(Int)
    }

    public var kind: Kind
    /// 16 bytes; empty where the message is about the link.
    public var stream: [UInt8]
    public var sequence: UInt64
    public var method: String
    /// Milliseconds left until the deadline; 0: the callee's default.
    public var budgetMilliseconds: UInt64
    public var tenant: String
    public var traceparent: String
    public var attempt: UInt32
    public var credit: UInt64
    public var last: Bool

    public init(
        _ kind: Kind, stream: [UInt8] = [], sequence: UInt64 = 0, method: String = "", budgetMilliseconds: UInt64 = 0,
        tenant: String = "", traceparent: String = "", attempt: UInt32 = 0, credit: UInt64 = 0, last: Bool = false
    ) {
        self.kind = kind
        self.stream = stream
        self.sequence = sequence
        self.method = method
        self.budgetMilliseconds = budgetMilliseconds
        self.tenant = tenant
        self.traceparent = traceparent
        self.attempt = attempt
        self.credit = credit
        self.last = last
    }

    /// The one door from bytes.
    ///
    /// - Throws: `tooLarge` over a limit, `malformed` for what is no envelope, `unsupported` for another major version.
    public init(bytes: [UInt8]) throws(CallError) {
        guard bytes.count <= Self.bytesMax else {
            throw CallError(.tooLarge, "an envelope of \(bytes.count) bytes; allowed are \(Self.bytesMax)")
        }
        guard !bytes.isEmpty else {
            throw CallError(.malformed, "the first part is empty; it is the envelope, without a delimiter before it")
        }
        let proto: WireEnvelope
        do {
            proto = try WireEnvelope(serializedBytes: bytes)
        } catch {
            throw CallError(.malformed, "the first part is no envelope of CLQ/\(Self.version)")
        }
        guard proto.version == Self.version else {
            throw CallError(
                .unsupported,
                "the message says CLQ/\(proto.version), this peer speaks CLQ/\(Self.version); "
                    + "update whichever is older",
                details: ["version": "\(Self.version)", "yours": "\(proto.version)"])
        }
        guard proto.stream.isEmpty || proto.stream.count == Self.streamBytes else {
            throw CallError(
                .malformed, "envelope.stream has \(proto.stream.count) bytes; it has \(Self.streamBytes), or none")
        }
        for (name, text) in [
            ("method", proto.method), ("tenant", proto.tenant), ("traceparent", proto.traceparent),
        ] where text.utf8.count > Self.textBytesMax {
            throw CallError(
                .tooLarge, "envelope.\(name) has \(text.utf8.count) bytes; allowed are \(Self.textBytesMax)")
        }
        kind = Kind(proto.kind)
        stream = [UInt8](proto.stream)
        sequence = proto.sequence
        method = proto.method
        budgetMilliseconds = proto.budgetMs
        tenant = proto.tenant
        traceparent = proto.traceparent
        attempt = proto.attempt
        credit = proto.credit
        last = proto.last
    }

    public func encoded() -> [UInt8] {
        var proto = WireEnvelope()
        proto.version = Self.version
        proto.kind = kind.proto
        proto.stream = .init(stream)
        proto.sequence = sequence
        proto.method = method
        proto.budgetMs = budgetMilliseconds
        proto.tenant = tenant
        proto.traceparent = traceparent
        proto.attempt = attempt
        proto.credit = credit
        proto.last = last
        return MessageBody(proto).payload
    }

    /// The stream that a message means which did not pass the door, so that its sender can be answered; empty when even
    /// that cannot be read.
    public static func streamHint(in bytes: [UInt8]) -> [UInt8] {
        guard bytes.count <= bytesMax, let proto = try? WireEnvelope(serializedBytes: bytes),
            proto.stream.count == streamBytes
        else { return [] }
        return [UInt8](proto.stream)
    }

    /// Whether a message that did not pass the door is an answer itself; an error is not answered with another.
    public static func isErrorHint(in bytes: [UInt8]) -> Bool {
        guard bytes.count <= bytesMax, let proto = try? WireEnvelope(serializedBytes: bytes) else { return false }
        return proto.kind == .error
    }
}

extension Envelope.Kind {
    private static let table: [(Envelope.Kind, WireKind)] = [
        (.hello, .hello), (.welcome, .welcome), (.heartbeat, .heartbeat), (.credit, .credit), (.request, .request),
        (.accepted, .accepted), (.item, .item), (.complete, .complete), (.error, .error), (.cancel, .cancel),
        (.drain, .drain), (.bye, .bye),
    ]

    init(_ proto: WireKind) {
        self = Self.table.first { $0.1 == proto }?.0 ?? .unknown(proto.rawValue)
    }

    var proto: WireKind {
        if case .unknown(let number) = self { return WireKind(rawValue: number) ?? .UNRECOGNIZED(number) }
        return Self.table.first { $0.0 == self }?.1 ?? .unspecified
    }
}
