package import Contracts

extension GatewayMind {
    package mutating func receive(hello message: WireMessage, from key: PeerKey, at now: Moment) -> [Directive] {
        let description: PeerDescription
        do throws(CallError) {
            description = try PeerDescription(message.body)
        } catch {
            return offend(key, error, stream: [], at: now)
        }
        let greeting = WireMessage(Envelope(.welcome), welcome.encoded())
        if let known = peers[key]?.description {
            guard known == description else {
                return offend(
                    key, CallError(.malformed, "a second HELLO that says something else; dial anew"), stream: [],
                    at: now)
            }
            return send(greeting, to: key, at: now)
        }
        // The same process on a new connection: the old one is dead, whether or not it was noticed.
        var directives: [Directive] = []
        let stale = watched.filter { peers[$0]?.description?.instance == description.instance }
        for old in stale { directives += lose(old, "it dialled anew", at: now) }
        peers[key]?.description = description
        directives += send(greeting, to: key, at: now)
        let open = peers[key]?.openRequests ?? 0
        directives += send(.credit(max(1, limits.requestsPerPeerMax - open)), to: key, at: now)
        if !description.methods.isEmpty { directory.add(key, description, at: now) }
        if isDraining { directives += send(WireMessage(Envelope(.drain)), to: key, at: now) }
        return directives + [.note(.joined(description))]
    }

    /// Forgets a peer: its calls stop at their workers, and the calls it worked on fail for their callers.
    package mutating func lose(_ key: PeerKey, _ why: String, at now: Moment) -> [Directive] {
        guard key != .own, let peer = peers.removeValue(forKey: key) else { return [] }
        let worker = directory.remove(key)
        _ = waiting.take { $0.caller == key }
        var directives: [Directive] = []
        for route in routes.all where route.caller == key || route.worker == key {
            if route.worker == key {
                let name = worker?.name ?? "a worker"
                let error = CallError(
                    .unavailable, "\(name) was lost while it worked on \(route.method): \(why)",
                    details: ["service": worker?.description.service ?? ""])
                directives += end(route, error, tellWorker: false, at: now)
            } else {
                directives += end(route, nil, tellWorker: true, at: now)
            }
        }
        if let description = peer.description { directives.append(.note(.left(description, why: why))) }
        return directives
    }

    /// Answers a malformed message and counts it.
    package mutating func offend(
        _ key: PeerKey, _ error: CallError, stream: [UInt8], answer: Bool = true, at now: Moment
    ) -> [Directive] {
        var directives: [Directive] = [.note(.malformed(error))]
        if answer { directives += send(.error(error, stream: stream), to: key, at: now) }
        guard key != .own, peers[key]?.offences.add(at: now) == true else { return directives }
        let description = peers[key]?.description
        let refusal = CallError(
            .malformed,
            "\(limits.offencesMax) malformed messages within \(limits.offenceWindow.secondsText): this connection is "
                + "not listened to for \(limits.refusalTime.secondsText)", details: ["refused": "true"])
        directives += send(.error(refusal, stream: []), to: key, at: now)
        directives += lose(key, "it sent malformed messages", at: now)
        // A name in this table costs a connection to make; past the bound the table starts anew rather than grow.
        if refused.count >= limits.peersMax { refused.removeAll() }
        refused[key] = now + limits.refusalTime
        return directives + [.note(.refused(description))]
    }
}
