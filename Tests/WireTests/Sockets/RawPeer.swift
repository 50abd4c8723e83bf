import Contracts
import Testing
import Wire

/// A socket that says what it is told, right or wrong.
actor RawPeer {
    private var socket: ZSocket?
    /// A router's: who spoke last.
    private var peer: [UInt8]?

    /// As a peer dials.
    init(dialling endpoint: WireEndpoint) throws {
        let socket = try ZSocket(.dealer, in: ZContext(), limits: WireLimits())
        #expect(socket.connect(endpoint.text) == nil)
        self.socket = socket
    }

    /// As a gateway binds.
    init(binding endpoint: WireEndpoint) throws {
        let socket = try ZSocket(.router, in: ZContext(), limits: WireLimits())
        #expect(socket.bind(endpoint.text) == nil)
        self.socket = socket
    }

    func send(_ message: WireMessage) { send(parts: message.parts) }

    func send(parts: [[UInt8]]) { #expect(socket?.send(parts, to: peer) == nil) }

    /// Vanishes without a word.
    func vanish() {
        socket?.dropUnsent()
        socket = nil
    }

    /// The next message that is no heartbeat.
    func receive() async throws -> WireMessage {
        while true {
            guard let received = try #require(socket).receive() else {
                try await Task.sleep(for: .milliseconds(2))
                continue
            }
            if !received.peer.isEmpty { peer = received.peer }
            let message = try WireMessage(parts: received.parts)
            if message.envelope.kind != .heartbeat { return message }
        }
    }

    /// The next message of a kind; others are dropped.
    ///
    /// Never inlined, because swift 6.3.1 dies of it when it optimises `receiveError`.
    @inline(never) func receive(_ kind: Envelope.Kind) async throws -> WireMessage {
        while true {
            let message = try await receive()
            if message.envelope.kind == kind { return message }
        }
    }

    func receiveError() async throws -> CallError {
        let message = try await receive(.error)
        return try CallError(message.body)
    }

    /// Says HELLO and takes what answers it.
    func hello(_ service: String, methods: [String] = []) async throws {
        var description = describe(service)
        description.methods = methods
        send(WireMessage(Envelope(.hello), description.encoded()))
        _ = try await receive(.welcome)
        _ = try await receive(.credit)
    }

    static func request(_ method: String, _ text: String = "", stream: StreamID, credit: UInt64 = 0) -> WireMessage {
        WireMessage(Envelope(.request, stream: stream.bytes, method: method, credit: credit), Words(text).encoded())
    }
}
