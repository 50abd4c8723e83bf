import CZeroMQ
package import Contracts

/// libzmq's context: its I/O thread and the sockets on it.
package final class ZContext: Sendable {
    package nonisolated(unsafe) let pointer: UnsafeMutableRawPointer

    package init() throws(CallError) {
        guard let pointer = zmq_ctx_new() else { throw CallError(.internal, "libzmq gives no context") }
        self.pointer = pointer
    }

    // Blocks while a closed socket still sends, for its linger at most. All sockets hold their context, so none is open.
    deinit { zmq_ctx_term(pointer) }
}

/// A libzmq socket. It belongs to one thread; its owner is an actor on that thread.
package final class ZSocket {
    package enum Role { case router, dealer }

    package enum SendFailure: Equatable {
        /// The router knows no such peer.
        case unreachable
        /// The queue to the peer is full.
        case full
        case other(String)
    }

    package let pointer: UnsafeMutableRawPointer
    private let context: ZContext
    private let role: Role
    private let limits: WireLimits

    /// Messages that libzmq keeps for one peer. Credit bounds what is under way far below; this is the last guard.
    private static let queuedMessagesMax: Int32 = 16_384
    /// How long a closed socket goes on sending its last words.
    private static let lingerMilliseconds: Int32 = 500

    package init(_ role: Role, in context: ZContext, limits: WireLimits) throws(CallError) {
        guard let pointer = zmq_socket(context.pointer, role == .router ? ZMQ_ROUTER : ZMQ_DEALER) else {
            throw CallError(.internal, "libzmq gives no socket: \(Self.errorText())")
        }
        self.pointer = pointer
        self.context = context
        self.role = role
        self.limits = limits
        set(ZMQ_LINGER, Self.lingerMilliseconds)
        set(ZMQ_SNDHWM, Self.queuedMessagesMax)
        set(ZMQ_RCVHWM, Self.queuedMessagesMax)
        set(ZMQ_RECONNECT_IVL, 50)
        set(ZMQ_RECONNECT_IVL_MAX, 500)
        set(ZMQ_CONNECT_TIMEOUT, 1000)
        // libzmq breaks the connection over this, before it has taken the memory; the answerable limit is checked by us.
        var partBytesMax = max(Int64(limits.partBytesMax) * 2, 1 << 20)
        zmq_setsockopt(pointer, ZMQ_MAXMSGSIZE, &partBytesMax, MemoryLayout<Int64>.size)
        if role == .router { set(ZMQ_ROUTER_MANDATORY, 1) }
    }

    deinit { zmq_close(pointer) }

    private func set(_ option: Int32, _ value: Int32) {
        var value = value
        zmq_setsockopt(pointer, option, &value, MemoryLayout<Int32>.size)
    }

    package func bind(_ endpoint: String) -> String? { zmq_bind(pointer, endpoint) == 0 ? nil : Self.errorText() }

    package func connect(_ endpoint: String) -> String? { zmq_connect(pointer, endpoint) == 0 ? nil : Self.errorText() }

    /// Where the last `bind` went, with the port that the system chose.
    package var lastEndpoint: String {
        var text = [UInt8](repeating: 0, count: 512)
        var size = text.count
        guard zmq_getsockopt(pointer, ZMQ_LAST_ENDPOINT, &text, &size) == 0 else { return "" }
        return String(decoding: text.prefix(max(0, size - 1)), as: UTF8.self)
    }

    /// What is not sent yet will not be: it belongs to a link that is lost.
    package func dropUnsent() { set(ZMQ_LINGER, 0) }

    /// - Parameter peer: The name that the router has for its peer; nil on a dealer.
    package func send(_ parts: [[UInt8]], to peer: [UInt8]? = nil) -> SendFailure? {
        let all = (peer.map { [$0] } ?? []) + parts
        for (index, part) in all.enumerated() {
            let more = index + 1 < all.count ? ZMQ_SNDMORE : 0
            let sent = part.withUnsafeBytes { zmq_send(pointer, $0.baseAddress, $0.count, ZMQ_DONTWAIT | more) }
            if sent >= 0 { continue }
            switch zmq_errno() {
            case EHOSTUNREACH: return .unreachable
            case EAGAIN: return .full
            default: return .other(Self.errorText())
            }
        }
        return nil
    }

    /// A message as it came, within the limits.
    package struct Received {
        /// The name that the router has for the sender; empty on a dealer.
        package var peer: [UInt8] = []
        package var parts: [[UInt8]] = []
        /// Why it is not to be read. The parts that were kept until then are there.
        package var excess: CallError?
    }

    /// The next message, if one is there.
    package func receive() -> Received? {
        var received = Received()
        var bytes = 0
        var parts = 0
        var isName = role == .router
        while true {
            var part = zmq_msg_t()
            zmq_msg_init(&part)
            defer { zmq_msg_close(&part) }
            // Only the first part can be missing: libzmq hands out whole messages.
            guard zmq_msg_recv(&part, pointer, ZMQ_DONTWAIT) >= 0 else { return nil }
            let size = zmq_msg_size(&part)
            if isName {
                received.peer = Self.bytes(of: &part)
                isName = false
            } else {
                parts += 1
                bytes += size
                if received.excess == nil { received.excess = excess(part: parts, size: size, bytes: bytes) }
                if received.excess == nil { received.parts.append(Self.bytes(of: &part)) }
            }
            if zmq_msg_more(&part) == 0 { return received }
        }
    }

    private func excess(part: Int, size: Int, bytes: Int) -> CallError? {
        if part > limits.partsMax {
            return CallError(.tooLarge, "a message of more than \(limits.partsMax) parts")
        }
        if part == 1, size > Envelope.bytesMax {
            return CallError(.tooLarge, "an envelope of \(size) bytes; allowed are \(Envelope.bytesMax)")
        }
        if size > limits.partBytesMax {
            return CallError(.tooLarge, "part \(part) has \(size) bytes; allowed are \(limits.partBytesMax)")
        }
        if bytes > limits.messageBytesMax {
            return CallError(.tooLarge, "a message of \(bytes) bytes; allowed are \(limits.messageBytesMax)")
        }
        return nil
    }

    private static func bytes(of part: inout zmq_msg_t) -> [UInt8] {
        let size = zmq_msg_size(&part)
        guard size > 0, let start = zmq_msg_data(&part) else { return [] }
        return [UInt8](UnsafeRawBufferPointer(start: start, count: size))
    }

    private static func errorText() -> String { String(cString: zmq_strerror(zmq_errno())) }
}
