package import Contracts

extension GatewayMind {
    // MARK: A request

    package mutating func receive(request message: WireMessage, from key: PeerKey, at now: Moment) -> [Directive] {
        guard let stream = message.stream, let peer = peers[key] else { return [] }
        // Sent again while it is being answered: the answer will come.
        if routes.hasCallerLeg(key, stream) || waiting.contains(caller: key, stream: stream) { return [] }
        if answered.contains(.init(peer: key, stream: stream)) {
            return send(.error(.resent, stream: stream), to: key, at: now)
        }
        if key != .own, peer.openRequests >= limits.requestsPerPeerMax {
            let error = CallError(
                .overloaded, "this peer has \(peer.openRequests) open requests; wait until one has ended",
                details: ["limit": "\(limits.requestsPerPeerMax)"])
            return send(.error(error, stream: stream), to: key, at: now)
        }
        peers[key]?.openRequests += 1
        do throws(CallError) {
            return try admit(message, stream, from: key, at: now)
        } catch {
            let refusal = answer(.error(error, stream: stream), to: key, at: now)
            return error.code == .malformed ? offendSilently(key, error, after: refusal, at: now) : refusal
        }
    }

    private mutating func admit(
        _ message: WireMessage, _ stream: StreamID, from key: PeerKey, at now: Moment
    ) throws(CallError) -> [Directive] {
        let method = message.envelope.method
        guard let dot = method.firstIndex(of: "."), dot != method.startIndex,
            method.index(after: dot) != method.endIndex
        else {
            throw CallError(.malformed, "envelope.method is '\(method)'; it is service.Verb, as codec.Decode")
        }
        guard message.envelope.credit <= UInt64(limits.itemCreditMax) else {
            throw CallError(
                .malformed, "envelope.credit is \(message.envelope.credit); allowed is 0...\(limits.itemCreditMax)")
        }
        guard !routes.hasWorkerLeg(key, stream) else {
            throw CallError(.malformed, "envelope.stream names a request that this peer answers; it needs a new one")
        }
        if isDraining, key != .own, directory[key] == nil {
            throw CallError(.unavailable, "the gateway is stopping and takes no new requests")
        }
        let entry = WaitingQueue.Entry(
            caller: key, stream: stream, request: message, since: now,
            deadline: now + limits.budget(of: message.envelope))
        switch choose(for: method) {
        case .worker(let worker): return forward(entry, to: worker, at: now)
        case .noMethod: throw .noSuchMethod(method)
        case .wait:
            let place = try waiting.add(entry)
            return send(.accepted(place: place + 1, stream: stream), to: key, at: now)
        case .noWorker:
            _ = try waiting.add(entry)
            return []
        }
    }

    /// What the gateway answers itself, nobody else is asked for.
    private func choose(for method: String) -> WorkerDirectory.Choice {
        guard ownMethods.contains(method) else { return directory.choose(for: method) }
        return (directory[.own]?.credit ?? 0) > 0 ? .worker(.own) : .wait
    }

    private mutating func forward(_ entry: WaitingQueue.Entry, to worker: PeerKey, at now: Moment) -> [Directive] {
        var name = entry.stream
        while routes.hasWorkerLeg(worker, name) || routes.hasCallerLeg(worker, name)
            || (entry.caller == worker && name == entry.stream)
        {
            name = newStream()
        }
        var route = Route(
            caller: entry.caller, callerStream: entry.stream, worker: worker, workerStream: name, method: entry.method,
            deadline: entry.deadline, budget: entry.deadline - entry.since)
        route.toCaller.grant(Int(entry.request.envelope.credit))
        routes.add(route)
        directory.begin(worker)
        var request = entry.request
        request.envelope.stream = name.bytes
        request.envelope.budgetMilliseconds = max(1, (entry.deadline - now).wholeMilliseconds)
        return send(request, to: worker, at: now)
    }

    /// Gives waiting requests to whoever has credit now.
    package mutating func forwardWaiting(at now: Moment) -> [Directive] {
        var directives: [Directive] = []
        for entry in waiting.entries {
            guard case .worker(let worker) = choose(for: entry.method), now < entry.deadline,
                waiting.take(caller: entry.caller, stream: entry.stream) != nil
            else { continue }
            directives += forward(entry, to: worker, at: now)
        }
        return directives
    }

    /// Ends what is past its deadline, and what waited for a service in vain.
    package mutating func dropLate(at now: Moment) -> [Directive] {
        var directives: [Directive] = []
        for route in routes.all where now >= route.deadline {
            directives += end(route, .late(route.method, route.budget), tellWorker: true, at: now)
        }
        var failures: [(WaitingQueue.Entry, CallError)] = []
        for entry in waiting.entries {
            if now >= entry.deadline {
                failures.append((entry, .late(entry.method, entry.deadline - entry.since)))
                continue
            }
            switch choose(for: entry.method) {
            case .noWorker where now - entry.since >= limits.appearWait:
                failures.append((entry, .noWorker(of: entry.service)))
            case .noMethod: failures.append((entry, .noSuchMethod(entry.method)))
            default: break
            }
        }
        for (entry, error) in failures {
            _ = waiting.take(caller: entry.caller, stream: entry.stream)
            directives += answer(.error(error, stream: entry.stream), to: entry.caller, at: now)
        }
        return directives
    }

    // MARK: What follows a request

    /// A message on a stream: to the other side of its route. Without one it is late, and ignored.
    package mutating func pass(_ message: WireMessage, from key: PeerKey, at now: Moment) -> [Directive] {
        guard let stream = message.stream else { return [] }
        if let route = routes[caller: key, stream] { return passToWorker(message, route, at: now) }
        if let route = routes[worker: key, stream] { return passToCaller(message, route, at: now) }
        guard let entry = waiting.entries.first(where: { $0.caller == key && $0.stream == stream }) else { return [] }
        if message.envelope.kind == .cancel {
            _ = waiting.take(caller: key, stream: stream)
            return answer(.error(.cancelledByCaller, stream: entry.stream), to: key, at: now)
        }
        guard message.envelope.kind == .item else { return [] }
        _ = waiting.take(caller: key, stream: stream)
        let error = CallError(.malformed, "an item before its request was taken, and so without credit")
        return offendSilently(key, error, after: answer(.error(error, stream: stream), to: key, at: now), at: now)
    }

    private mutating func passToWorker(_ message: WireMessage, _ route: Route, at now: Moment) -> [Directive] {
        var route = route
        do throws(CallError) {
            switch message.envelope.kind {
            case .item: _ = try route.toWorker.accept(message)
            case .credit: try route.toCaller.pass(credit: message.envelope.credit, most: limits.itemCreditMax)
            case .cancel, .error: break
            default: throw CallError(.malformed, "\(message.envelope.kind) from the caller; it goes the other way")
            }
        } catch {
            return offendSilently(route.caller, error, after: end(route, error, tellWorker: true, at: now), at: now)
        }
        routes[caller: route.caller, route.callerStream] = route
        var passed = message
        passed.envelope.stream = route.workerStream.bytes
        return send(passed, to: route.worker, at: now)
    }

    private mutating func passToCaller(_ message: WireMessage, _ route: Route, at now: Moment) -> [Directive] {
        var route = route
        do throws(CallError) {
            switch message.envelope.kind {
            case .item: _ = try route.toCaller.accept(message)
            case .credit: try route.toWorker.pass(credit: message.envelope.credit, most: limits.itemCreditMax)
            case .complete: try route.toCaller.checkEnd(message)
            case .accepted, .error: break
            default: throw CallError(.malformed, "\(message.envelope.kind) from the worker; it goes the other way")
            }
        } catch {
            let name = directory[route.worker]?.name ?? "a worker"
            let failure = CallError(
                .internal, "\(name) broke the protocol while it worked on \(route.method): \(error.message)")
            let ended = end(route, failure, tellWorker: false, at: now)
            return ended + offend(route.worker, error, stream: route.workerStream.bytes, at: now)
        }
        routes[worker: route.worker, route.workerStream] = route
        var passed = message
        passed.envelope.stream = route.callerStream.bytes
        guard [.complete, .error].contains(message.envelope.kind) else {
            return send(passed, to: route.caller, at: now)
        }
        routes.remove(route)
        directory.end(route.worker)
        return answer(passed, to: route.caller, at: now)
    }

    // MARK: The end of a request

    /// Sends the last word on a request and gives its credit back.
    package mutating func answer(_ message: WireMessage, to key: PeerKey, at now: Moment) -> [Directive] {
        if let stream = message.stream { answered.insert(.init(peer: key, stream: stream)) }
        var directives = send(message, to: key, at: now)
        peers[key]?.openRequests -= 1
        guard isKnown(key) else { return directives }
        peers[key]?.creditOwed += 1
        let owed = peers[key]?.creditOwed ?? 0
        if owed >= max(1, limits.requestsPerPeerMax / 4) {
            peers[key]?.creditOwed = 0
            directives += send(.credit(owed), to: key, at: now)
        }
        return directives
    }

    /// Ends a route from here. Without an error there is nobody to be told.
    package mutating func end(_ route: Route, _ error: CallError?, tellWorker: Bool, at now: Moment) -> [Directive] {
        routes.remove(route)
        directory.end(route.worker)
        let cancel = tellWorker ? send(.cancel(route.workerStream), to: route.worker, at: now) : []
        guard let error else { return cancel }
        return cancel + answer(.error(error, stream: route.callerStream), to: route.caller, at: now)
    }

    /// Counts what was answered already.
    private mutating func offendSilently(
        _ key: PeerKey, _ error: CallError, after directives: [Directive], at now: Moment
    ) -> [Directive] {
        directives + offend(key, error, stream: [], answer: false, at: now)
    }
}

extension CallError {
    package static func late(_ method: String, _ budget: Duration) -> CallError {
        CallError(.deadlineExceeded, "\(method) was not finished within \(budget.secondsText)")
    }

    package static func noWorker(of service: String) -> CallError {
        CallError(
            .unavailable, "no \(service) worker is connected; start one, or ask `colloquy doctor`",
            details: ["service": service])
    }
}
