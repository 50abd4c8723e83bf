import Contracts
import Logging

/// One link to a gateway: the actor that owns its socket and obeys `PeerLink` and the books.
actor DialledEnd: DeskOwner {
    nonisolated let endpoint: WireEndpoint
    private nonisolated let thread: SocketThread
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    private let limits: WireLimits
    private let timings: LinkTimings
    private let logger: Logger
    private let desk: CallDesk
    private var link: PeerLink
    private var context: ZContext?
    private var socket: ZSocket?
    private var nextTick = Moment.now
    private var turnsWithoutTick = 0
    private var upWaiters: [(until: Moment, continuation: CheckedContinuation<CallError?, Never>)] = []
    private var refusal: CallError?
    private var refusalWaiters: [CheckedContinuation<CallError?, Never>] = []
    private var drain: (until: Moment, continuation: CheckedContinuation<Void, Never>)?
    private var isDraining = false
    private var isClosed = false

    init(
        endpoint: WireEndpoint, description: PeerDescription, methods: MethodTable, requestsMax: Int,
        timings: LinkTimings, limits: WireLimits, logger: Logger
    ) {
        self.endpoint = endpoint
        self.limits = limits
        self.timings = timings
        self.logger = logger
        thread = SocketThread(name: "clq-\(description.service)")
        desk = CallDesk(methods: methods, requestsMax: requestsMax, limits: limits)
        link = PeerLink(
            description: description, endpoint: endpoint.text, timings: timings, limits: limits, at: .now)
    }

    var isUp: Bool { link.isUp }

    func start() { perform(link.start(at: .now)) }

    /// - Throws: `unavailable` when the gateway does not answer in time, or what it refuses this peer with.
    func waitUntilUp(_ wait: Duration) async throws(CallError) {
        if link.isUp { return }
        if let refusal { throw refusal }
        let failure = await withCheckedContinuation { upWaiters.append((Moment.now + wait, $0)) }
        if let failure { throw failure }
    }

    /// - Returns: What the gateway refused this peer with; nil when the link was closed before it did.
    func waitUntilRefused() async -> CallError? {
        if isClosed { return nil }
        if let refusal { return refusal }
        return await withCheckedContinuation { refusalWaiters.append($0) }
    }

    /// Takes no new requests and waits for what runs, within `limits.drainWait`.
    func drainWork() async {
        guard !isClosed, !isDraining else { return }
        isDraining = true
        if link.isUp { send([WireMessage(Envelope(.drain))]) }
        if desk.busy == 0 { return }
        await withCheckedContinuation { drain = (Moment.now + limits.drainWait, $0) }
    }

    /// Ends all calls, says `BYE`, closes the socket.
    func close(_ error: CallError) {
        guard !isClosed else { return }
        isClosed = true
        send(desk.close(error, owner: self))
        perform(link.close())
        thread.stopPolling()
        socket = nil
        context = nil
        resumeUpWaiters(CallError(.unavailable, "the link to \(endpoint) was closed")) { _ in true }
        resumeRefusalWaiters(nil)
        endDrain()
    }

    func call(_ method: String, _ body: MessageBody, _ options: CallOptions, hasItems: Bool) -> CallHandle {
        guard !isClosed else { return .failed(CallError(.unavailable, "the link to \(endpoint) was closed")) }
        let (handle, messages) = desk.call(method, body, options, hasItems: hasItems, owner: self)
        send(messages)
        return handle
    }

    // MARK: DeskOwner

    func send(_ item: MessageBody, on stream: StreamID) async -> CallError? {
        await withCheckedContinuation { send(desk.send(item, on: stream, byHandler: false, $0)) }
    }

    func finishSending(on stream: StreamID) { send(desk.finishSending(on: stream)) }

    nonisolated func cancel(_ stream: StreamID, because error: CallError) {
        Task { await cancelNow(stream, because: error) }
    }

    private func cancelNow(_ stream: StreamID, because error: CallError) { send(desk.cancel(stream, because: error)) }

    func consumed(_ items: Int, on stream: StreamID, byHandler: Bool) {
        send(desk.consumed(items, on: stream, byHandler: byHandler, owner: self))
    }

    func handlerSends(_ item: MessageBody, on stream: StreamID) async -> CallError? {
        await withCheckedContinuation { send(desk.send(item, on: stream, byHandler: true, $0)) }
    }

    func handlerReturned(_ result: Result<MessageBody, CallError>, on stream: StreamID) {
        send(desk.handlerReturned(result, on: stream, owner: self))
        if desk.busy == 0 { endDrain() }
    }

    // MARK: The socket

    private func perform(_ directives: [PeerLink.Directive]) {
        for directive in directives {
            switch directive {
            case .dial: dial()
            case .send(let message): send([message])
            case .up(let welcome):
                logger.info(
                    "linked to the gateway", metadata: ["endpoint": "\(endpoint)", "its": "\(welcome.software)"])
                refusal = nil
                send(desk.linkUp(owner: self))
                if isDraining { send([WireMessage(Envelope(.drain))]) }
                resumeUpWaiters(nil) { _ in true }
            case .lost(let error):
                logger.warning("lost the gateway", metadata: ["why": "\(error.message)"])
                desk.linkLost(error, owner: self)
            case .refused(let error):
                logger.error("refused by the gateway", metadata: ["endpoint": "\(endpoint)", "why": "\(error)"])
                refusal = error
                resumeUpWaiters(error) { _ in true }
                resumeRefusalWaiters(error)
            case .gatewayDrains:
                logger.info("the gateway takes no new requests", metadata: ["endpoint": "\(endpoint)"])
                desk.gatewayDrains()
            }
        }
    }

    private func dial() {
        socket?.dropUnsent()
        thread.stopPolling()
        socket = nil
        do throws(CallError) {
            let context: ZContext
            if let made = self.context { context = made } else { context = try ZContext() }
            self.context = context
            let socket = try ZSocket(.dealer, in: context, limits: limits)
            if let failure = socket.connect(endpoint.text) {
                throw CallError(.invalidArgument, "\(endpoint) cannot be dialled: \(failure)")
            }
            self.socket = socket
            thread.poll([socket], tick: timings.tick) { [weak self] in self?.assumeIsolated { $0.turn() } }
        } catch {
            logger.error("cannot dial", metadata: ["why": "\(error)"])
            thread.poll([], tick: timings.tick) { [weak self] in self?.assumeIsolated { $0.turn() } }
        }
    }

    private func send(_ messages: [WireMessage]) {
        guard let socket, !messages.isEmpty else { return }
        for message in messages {
            // A queue this full means that the gateway does not read; its silence will end the link.
            if let failure = socket.send(message.parts) {
                logger.warning("a message could not be sent", metadata: ["why": "\(failure)"])
            }
        }
        link.sent(at: .now)
    }

    /// The socket is ready, or time has passed.
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
        perform(link.tick(at: now))
        send(desk.tick(owner: self))
        let error = CallError(.unavailable, "no gateway answers at \(endpoint); is the suite running?")
        resumeUpWaiters(error) { now >= $0 }
        if let drain, now >= drain.until { endDrain() }
    }

    private func receive(_ received: ZSocket.Received) {
        do throws(CallError) {
            if let excess = received.excess { throw excess }
            let message = try WireMessage(parts: received.parts)
            perform(link.receive(message, at: .now))
            if link.isUp { send(desk.receive(message, owner: self)) }
        } catch {
            logger.warning("a malformed message from the gateway", metadata: ["why": "\(error)"])
            if let first = received.parts.first, let stream = StreamID(Envelope.streamHint(in: first)) {
                send(desk.cancel(stream, because: error))
            }
            perform(link.receivedMalformed(at: .now))
        }
    }

    private func resumeUpWaiters(_ failure: CallError?, where fits: (Moment) -> Bool) {
        let done = upWaiters.filter { fits($0.until) }
        upWaiters.removeAll { fits($0.until) }
        for waiter in done { waiter.continuation.resume(returning: failure) }
    }

    private func resumeRefusalWaiters(_ refusal: CallError?) {
        for waiter in refusalWaiters { waiter.resume(returning: refusal) }
        refusalWaiters = []
    }

    private func endDrain() {
        drain?.continuation.resume()
        drain = nil
    }
}
