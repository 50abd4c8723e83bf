import Contracts
import Logging

/// The gateway's actor: it owns the router socket and obeys `GatewayMind`. Its own calls and handlers are one more peer
/// of that mind, reached without a socket.
actor GatewayEnd: DeskOwner {
    private nonisolated let thread: SocketThread
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    private let limits: WireLimits
    private let timings: LinkTimings
    private let logger: Logger
    private let desk: CallDesk
    private var mind: GatewayMind
    private var context: ZContext?
    private var socket: ZSocket?
    private var locks: [EndpointLock] = []
    private var nextTick = Moment.now
    private var turnsWithoutTick = 0
    private var bound: Result<[WireEndpoint], CallError>?
    private var boundWaiters: [CheckedContinuation<Result<[WireEndpoint], CallError>, Never>] = []
    private var drain: (until: Moment, continuation: CheckedContinuation<Void, Never>)?
    private var isClosed = false

    init(
        description: PeerDescription, methods: MethodTable, timings: LinkTimings, limits: WireLimits, logger: Logger
    ) {
        self.limits = limits
        self.timings = timings
        self.logger = logger
        thread = SocketThread(name: "clq-gateway")
        desk = CallDesk(methods: methods, requestsMax: limits.ownRequestsMax, limits: limits)
        mind = GatewayMind(
            own: description, limits: limits, timings: timings, at: .now, newStream: { StreamID.random() })
    }

    /// Lets the gateway's own calls flow, with or without sockets.
    func start() {
        sendOwn(desk.linkUp(owner: self))
        perform(mind.grantOwn(at: .now))
        thread.poll([], tick: timings.tick) { [weak self] in self?.assumeIsolated { $0.turn() } }
    }

    /// - Throws: `alreadyExists` for an endpoint where another gateway lives, `invalidArgument` for one that cannot be.
    func bind(_ endpoints: [WireEndpoint]) throws(CallError) {
        do throws(CallError) {
            guard !isClosed else { throw CallError(.unavailable, "the gateway was closed") }
            let context = try ZContext()
            self.context = context
            let socket = try ZSocket(.router, in: context, limits: limits)
            var locks: [EndpointLock] = []
            var places: [WireEndpoint] = []
            for endpoint in endpoints {
                if let path = endpoint.path { locks.append(try EndpointLock(socketPath: path)) }
                if let failure = socket.bind(endpoint.text) { throw .cannotBind(endpoint, failure) }
                if let path = endpoint.path { EndpointLock.makePrivate(path) }
                places.append(endpoint.path == nil ? try WireEndpoint(socket.lastEndpoint) : endpoint)
            }
            self.socket = socket
            self.locks = locks
            thread.poll([socket], tick: timings.tick) { [weak self] in self?.assumeIsolated { $0.turn() } }
            settle(.success(places))
        } catch {
            settle(.failure(error))
            throw error
        }
    }

    var boundEndpoints: Result<[WireEndpoint], CallError> {
        get async {
            if let bound { return bound }
            return await withCheckedContinuation { boundWaiters.append($0) }
        }
    }

    var workers: [ConnectedWorker] {
        let now = Moment.now
        return mind.workers.map {
            ConnectedWorker(
                description: $0.description, running: $0.running, upSeconds: (now - $0.since) / .seconds(1))
        }
    }

    /// Takes no new requests and waits for what runs, within `limits.drainWait`.
    func drainWork() async {
        guard !isClosed else { return }
        perform(mind.drain(at: .now))
        if mind.isIdle { return }
        await withCheckedContinuation { drain = (Moment.now + limits.drainWait, $0) }
    }

    /// Ends what still runs, takes leave of the peers, closes the socket and removes its file.
    func close() {
        guard !isClosed else { return }
        perform(mind.close(at: .now))
        _ = desk.close(CallError(.unavailable, "the gateway has stopped"), owner: self)
        isClosed = true
        thread.stopPolling()
        socket = nil
        // Waits until the last words are out and nobody listens any more; then the files go and others may have the path.
        context = nil
        locks = []
        settle(.failure(CallError(.unavailable, "the gateway was closed")))
        endDrain()
    }

    func call(_ method: String, _ body: MessageBody, _ options: CallOptions, hasItems: Bool) -> CallHandle {
        guard !isClosed else { return .failed(CallError(.unavailable, "the gateway has stopped")) }
        let (handle, messages) = desk.call(method, body, options, hasItems: hasItems, owner: self)
        sendOwn(messages)
        return handle
    }

    // MARK: DeskOwner

    func send(_ item: MessageBody, on stream: StreamID) async -> CallError? {
        await withCheckedContinuation { sendOwn(desk.send(item, on: stream, byHandler: false, $0)) }
    }

    func finishSending(on stream: StreamID) { sendOwn(desk.finishSending(on: stream)) }

    nonisolated func cancel(_ stream: StreamID, because error: CallError) {
        Task { await cancelNow(stream, because: error) }
    }

    private func cancelNow(_ stream: StreamID, because error: CallError) {
        sendOwn(desk.cancel(stream, because: error))
    }

    func consumed(_ items: Int, on stream: StreamID, byHandler: Bool) {
        sendOwn(desk.consumed(items, on: stream, byHandler: byHandler, owner: self))
    }

    func handlerSends(_ item: MessageBody, on stream: StreamID) async -> CallError? {
        await withCheckedContinuation { sendOwn(desk.send(item, on: stream, byHandler: true, $0)) }
    }

    func handlerReturned(_ result: Result<MessageBody, CallError>, on stream: StreamID) {
        sendOwn(desk.handlerReturned(result, on: stream, owner: self))
    }

    // MARK: Directives

    /// Messages of the gateway's own desk, to the mind.
    private func sendOwn(_ messages: [WireMessage]) {
        for message in messages { perform(mind.receive(message, from: .own, at: .now)) }
    }

    private func perform(_ directives: [GatewayMind.Directive]) {
        // A loop and not recursion: one end's answer may call for another's, any number of times.
        var queue = directives[...]
        while let directive = queue.popFirst() {
            switch directive {
            case .note(let note): log(note)
            case .send(.own, let message):
                for answer in desk.receive(message, owner: self) {
                    queue += mind.receive(answer, from: .own, at: .now)
                }
            case .send(.remote(let name), let message):
                guard let failure = socket?.send(message.parts, to: name) else { continue }
                queue += mind.unreachable(.remote(name), failure.why, at: .now)
            }
        }
        if mind.isIdle { endDrain() }
    }

    private func log(_ note: GatewayMind.Note) {
        switch note {
        case .joined(let peer):
            logger.info("a peer joined", metadata: ["peer": "\(peer.summary)", "slots": "\(peer.slots)"])
        case .left(let peer, let why):
            logger.info("a peer left", metadata: ["peer": "\(peer.summary)", "why": "\(why)"])
        case .malformed(let error): logger.warning("a malformed message", metadata: ["why": "\(error)"])
        case .refused(let peer):
            logger.warning("a peer is refused", metadata: ["peer": "\(peer?.summary ?? "one that said no HELLO")"])
        }
    }

    // MARK: The socket

    private func turn() {
        // Bounded, so that jobs get their turn under a flood.
        var isDry = false
        for _ in 0..<256 {
            guard let received = socket?.receive() else {
                isDry = true
                break
            }
            receive(received)
        }
        let now = Moment.now
        guard now >= nextTick, !isClosed else { return }
        // A process that stood still reads what came meanwhile before it takes anyone for silent.
        if !isDry, turnsWithoutTick < 64 {
            turnsWithoutTick += 1
            return
        }
        turnsWithoutTick = 0
        nextTick = now + timings.tick
        perform(mind.tick(at: now))
        sendOwn(desk.tick(owner: self))
        if let drain, now >= drain.until { endDrain() }
    }

    private func receive(_ received: ZSocket.Received) {
        let peer = PeerKey.remote(received.peer)
        do throws(CallError) {
            if let excess = received.excess { throw excess }
            let message = try WireMessage(parts: received.parts)
            perform(mind.receive(message, from: peer, at: .now))
        } catch {
            let first = received.parts.first ?? []
            perform(
                mind.receive(
                    malformed: error, stream: Envelope.streamHint(in: first), isError: Envelope.isErrorHint(in: first),
                    from: peer, at: .now))
        }
    }

    private func settle(_ result: Result<[WireEndpoint], CallError>) {
        bound = result
        for waiter in boundWaiters { waiter.resume(returning: result) }
        boundWaiters = []
    }

    private func endDrain() {
        drain?.continuation.resume()
        drain = nil
    }
}

extension ZSocket.SendFailure {
    fileprivate var why: String {
        switch self {
        case .unreachable: "its connection is gone"
        case .full: "it does not read what it is sent"
        case .other(let text): text
        }
    }
}

extension PeerDescription {
    /// For logs.
    fileprivate var summary: String { "\(service) \(software) (process \(process) on \(host))" }
}

extension CallError {
    fileprivate static func cannotBind(_ endpoint: WireEndpoint, _ why: String) -> CallError {
        CallError(.invalidArgument, "\(endpoint) cannot be bound: \(why)", details: ["endpoint": endpoint.text])
    }
}
