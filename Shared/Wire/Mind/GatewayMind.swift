package import Contracts

/// The gateway's half of CLQ/1: told what happened, it says what to send. Who is there, who answers what, which request
/// went where, and what each peer may still send.
package struct GatewayMind: Sendable {
    package enum Directive: Equatable, Sendable {
        case send(PeerKey, WireMessage)
        case note(Note)
    }

    /// What is worth a line in the log.
    package enum Note: Equatable, Sendable {
        case joined(PeerDescription)
        case left(PeerDescription, why: String)
        case malformed(CallError)
        case refused(PeerDescription?)
    }

    package struct Peer: Sendable {
        /// Of a peer that said HELLO. One that did not is served too, but not watched.
        package var description: PeerDescription?
        package var lastHeard: Moment
        package var lastSent: Moment
        package var openRequests = 0
        /// Ended requests for which it was not yet given new credit.
        package var creditOwed = 0
        package var offences: Offences
    }

    package let welcome: Welcome
    package let limits: WireLimits
    package let timings: LinkTimings
    package let ownMethods: Set<String>
    /// Makes the names of streams that need another one on their way to the worker.
    package let newStream: @Sendable () -> StreamID
    package var peers: [PeerKey: Peer] = [:]
    package var refused: [PeerKey: Moment] = [:]
    package var directory: WorkerDirectory
    package var routes = RouteTable()
    package var waiting: WaitingQueue
    package var answered = Recent<RouteTable.Leg>(most: 4096)
    package var isDraining = false

    package init(
        own: PeerDescription, limits: WireLimits, timings: LinkTimings, at now: Moment,
        newStream: @escaping @Sendable () -> StreamID
    ) {
        welcome = Welcome(
            software: own.software,
            heartbeatMilliseconds: UInt32(clamping: max(1, timings.heartbeat.wholeMilliseconds)),
            missedMax: UInt32(clamping: max(1, timings.missedMax)), instance: own.instance)
        self.limits = limits
        self.timings = timings
        self.newStream = newStream
        ownMethods = Set(own.methods)
        directory = WorkerDirectory(creditMax: limits.requestCreditMax)
        waiting = WaitingQueue(limits: limits)
        peers[.own] = Peer(description: own, lastHeard: now, lastSent: now, offences: Offences(limits: limits))
        directory.add(.own, own, at: now)
    }

    package var workers: [WorkerDirectory.Worker] { directory.all.filter { $0.key != .own } }

    /// Nothing is forwarded and nothing waits.
    package var isIdle: Bool { routes.count == 0 && waiting.entries.isEmpty }

    /// Lets the gateway's own calls begin: it is a peer like others, and needs credit like others.
    package mutating func grantOwn(at now: Moment) -> [Directive] {
        send(.credit(limits.ownRequestsMax), to: .own, at: now)
    }

    // MARK: What happens

    package mutating func receive(_ message: WireMessage, from key: PeerKey, at now: Moment) -> [Directive] {
        guard refused[key] == nil else { return [] }
        guard meet(key, at: now) else {
            let error = CallError(.overloaded, "\(peers.count) peers are connected; no more are taken")
            return [.send(key, .error(error, stream: message.envelope.stream))]
        }
        peers[key]?.lastHeard = now
        switch message.envelope.kind {
        case .hello: return receive(hello: message, from: key, at: now)
        case .heartbeat: return isKnown(key) ? [] : send(.error(.helloExpected, stream: []), to: key, at: now)
        case .request: return receive(request: message, from: key, at: now)
        case .credit where message.envelope.stream.isEmpty:
            guard isKnown(key) else { return send(.error(.helloExpected, stream: []), to: key, at: now) }
            directory.add(credit: message.envelope.credit, to: key)
            return forwardWaiting(at: now)
        case .item, .credit, .accepted, .complete, .cancel: return pass(message, from: key, at: now)
        case .error: return message.envelope.stream.isEmpty ? [] : pass(message, from: key, at: now)
        case .drain:
            directory.drain(key)
            return []
        case .bye: return lose(key, "it left", at: now)
        case .welcome:
            return offend(
                key, CallError(.malformed, "WELCOME goes from the gateway to a peer, not back"), stream: [], at: now)
        case .unknown(let number):
            let error = CallError(
                .unsupported, "kind \(number) is not known to CLQ/\(Envelope.version)", details: ["kind": "\(number)"])
            return send(.error(error, stream: message.envelope.stream), to: key, at: now)
        }
    }

    /// A message that did not pass the door. An error is never answered with an error.
    package mutating func receive(
        malformed error: CallError, stream: [UInt8], isError: Bool, from key: PeerKey, at now: Moment
    ) -> [Directive] {
        guard refused[key] == nil, meet(key, at: now) else { return [] }
        peers[key]?.lastHeard = now
        // An older or newer peer is told so each time; it is not out to do harm.
        if error.code == .unsupported { return isError ? [] : send(.error(error, stream: stream), to: key, at: now) }
        return offend(key, error, stream: stream, answer: !isError, at: now)
    }

    /// The socket knows of no such peer any more, or the peer does not read what it is sent.
    package mutating func unreachable(_ key: PeerKey, _ why: String, at now: Moment) -> [Directive] {
        peers[key] == nil ? [] : lose(key, why, at: now)
    }

    package mutating func tick(at now: Moment) -> [Directive] {
        refused = refused.filter { now < $0.value }
        var directives: [Directive] = []
        for key in watched where now - (peers[key]?.lastHeard ?? now) >= timings.lostAfter {
            let silent = now - (peers[key]?.lastHeard ?? now)
            directives += lose(key, "it was silent for \(silent.secondsText)", at: now)
        }
        directives += dropLate(at: now)
        for key in watched where now - (peers[key]?.lastSent ?? now) >= timings.heartbeat {
            directives += send(WireMessage(Envelope(.heartbeat)), to: key, at: now)
        }
        let idle = peers.keys.filter { key in
            peers[key]?.description == nil && peers[key]?.openRequests == 0
                && peers[key]?.offences.isClean(at: now) ?? true
        }
        for key in idle { peers[key] = nil }
        return directives
    }

    /// Takes no new requests but those that what runs needs.
    package mutating func drain(at now: Moment) -> [Directive] {
        isDraining = true
        return watched.flatMap { send(WireMessage(Envelope(.drain)), to: $0, at: now) }
    }

    /// Ends what still runs and takes leave of everyone.
    package mutating func close(at now: Moment) -> [Directive] {
        let error = CallError(.unavailable, "the gateway stopped while this ran", details: ["service": "gateway"])
        var directives: [Directive] = []
        for entry in waiting.take(where: { _ in true }) {
            directives += answer(.error(error, stream: entry.stream), to: entry.caller, at: now)
        }
        for route in routes.all { directives += end(route, error, tellWorker: true, at: now) }
        return directives + watched.flatMap { send(WireMessage(Envelope(.bye)), to: $0, at: now) }
    }

    // MARK: Shared by the parts

    /// Peers that said HELLO, in an order that does not depend on hashing.
    package var watched: [PeerKey] {
        peers.filter { $0.key != .own && $0.value.description != nil }.keys.sorted {
            $0.bytes.lexicographicallyPrecedes($1.bytes)
        }
    }

    package func isKnown(_ key: PeerKey) -> Bool { peers[key]?.description != nil }

    package mutating func send(_ message: WireMessage, to key: PeerKey, at now: Moment) -> [Directive] {
        peers[key]?.lastSent = now
        return [.send(key, message)]
    }

    /// - Returns: False when there is no room for another peer.
    private mutating func meet(_ key: PeerKey, at now: Moment) -> Bool {
        if peers[key] != nil { return true }
        guard peers.count <= limits.peersMax else { return false }
        peers[key] = Peer(lastHeard: now, lastSent: now, offences: Offences(limits: limits))
        return true
    }
}

extension PeerKey {
    /// As libzmq names it; empty for the gateway itself.
    package var bytes: [UInt8] {
        switch self {
        case .own: []
        case .remote(let bytes): bytes
        }
    }
}
