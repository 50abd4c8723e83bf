import Foundation
import SwiftProtobuf

/// `WELCOME`: the gateway's answer to `HELLO`.
public struct Welcome: CheckedMessage, Equatable {
    /// Heartbeats outside of this would flood the link, or never find a lost peer.
    public static let heartbeatMilliseconds: ClosedRange<UInt32> = 1...60_000
    public static let missedMax: ClosedRange<UInt32> = 1...100

    public var software: String
    /// A peer that was silent for this long sends a `HEARTBEAT`.
    public var heartbeatMilliseconds: UInt32
    /// Heartbeats missed until a peer counts as gone.
    public var missedMax: UInt32
    /// New at every start of the gateway.
    public var instance: [UInt8]

    public init(software: String, heartbeatMilliseconds: UInt32, missedMax: UInt32, instance: [UInt8]) {
        self.software = software
        self.heartbeatMilliseconds = heartbeatMilliseconds
        self.missedMax = missedMax
        self.instance = instance
    }

    public init(_ body: MessageBody) throws(CallError) {
        let proto = try body.decode(WireWelcome.self)
        guard Self.heartbeatMilliseconds.contains(proto.heartbeatMs) else {
            throw CallError(
                .malformed,
                "WELCOME.heartbeat_ms is \(proto.heartbeatMs); allowed is \(Self.heartbeatMilliseconds)")
        }
        guard Self.missedMax.contains(proto.missedMax) else {
            throw CallError(.malformed, "WELCOME.missed_max is \(proto.missedMax); allowed is \(Self.missedMax)")
        }
        guard proto.instance.count <= Envelope.textBytesMax else {
            throw CallError(.tooLarge, "WELCOME.instance has \(proto.instance.count) bytes")
        }
        software = proto.software
        heartbeatMilliseconds = proto.heartbeatMs
        missedMax = proto.missedMax
        instance = [UInt8](proto.instance)
    }

    public func encoded() -> MessageBody {
        var proto = WireWelcome()
        proto.software = software
        proto.heartbeatMs = heartbeatMilliseconds
        proto.missedMax = missedMax
        proto.instance = .init(instance)
        return MessageBody(proto)
    }
}

/// `ACCEPTED`: a request is taken.
public struct Accepted: CheckedMessage, Equatable {
    /// Requests before this one; 0: it runs.
    public var place: UInt32

    public init(place: UInt32) { self.place = place }

    public init(_ body: MessageBody) throws(CallError) {
        place = try body.decode(WireAccepted.self).place
    }

    public func encoded() -> MessageBody {
        var proto = WireAccepted()
        proto.place = place
        return MessageBody(proto)
    }
}

/// `ERROR` carries a `CallError` as its payload.
extension CallError: CheckedMessage {
    /// Entries of `details` that are kept of an error from elsewhere.
    static let detailsMax = 32

    public init(_ body: MessageBody) throws(CallError) {
        let proto = try body.decode(WireFailure.self)
        guard proto.details.count <= Self.detailsMax else {
            throw CallError(
                .tooLarge, "ERROR.details has \(proto.details.count) entries; allowed are \(Self.detailsMax)")
        }
        // An error without a code is still an error; whoever gets it must not take the call for a success.
        self.init(
            proto.code.isEmpty ? .internal : Code(rawValue: proto.code), proto.message, retryable: proto.retryable,
            details: proto.details)
    }

    public func encoded() -> MessageBody {
        var proto = WireFailure()
        proto.code = code.rawValue
        proto.message = message
        proto.retryable = retryable
        proto.details = details
        return MessageBody(proto)
    }
}
