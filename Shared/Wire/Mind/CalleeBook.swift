package import Contracts

/// The calls that this end answers over one link: told what happened, it says what to do.
package struct CalleeBook: Sendable {
    package struct Request: Equatable, Sendable {
        package let stream: StreamID
        package let method: String
        package let body: MessageBody
        package let deadline: Moment
        package let tenant: String
        package let traceparent: String
        package let attempt: Int
    }

    package enum Directive: Equatable, Sendable {
        case send(WireMessage)
        case start(Request)
        /// An item for the handler.
        case deliver(StreamID, MessageBody)
        /// The caller sends no more items.
        case endItems(StreamID)
        case maySend(StreamID)
        /// Nobody waits for the answer any more.
        case stop(StreamID, CallError)
    }

    private struct Call {
        package let deadline: Moment
        package let budget: Duration
        package var input = Inflow()
        package var output = Outflow()
    }

    /// Requests that the other side may have open here.
    package let requestsMax: Int
    /// By method: whether it takes items.
    private let methods: [String: Bool]
    private let limits: WireLimits
    private var calls: [StreamID: Call] = [:]
    /// Ended for the caller; the handler has not returned yet and keeps its slot.
    private var stopping: Set<StreamID> = []
    private var answered: Recent<StreamID>
    private var creditOwed = 0
    private var linkIsUp = false

    package init(methods: [String: Bool], requestsMax: Int, limits: WireLimits) {
        self.methods = methods
        self.requestsMax = max(1, requestsMax)
        self.limits = limits
        answered = Recent(most: 1024)
    }

    /// Handlers that have not returned.
    package var busy: Int { calls.count + stopping.count }

    // MARK: The link

    /// What the new link may carry, less what still runs for an old one.
    package mutating func linkUp() -> [Directive] {
        linkIsUp = true
        creditOwed = requestsMax - busy
        return payCredit(atLeast: 1)
    }

    /// The callers are out of reach: nobody waits for what runs.
    package mutating func linkLost(_ error: CallError) -> [Directive] {
        linkIsUp = false
        creditOwed = 0
        return calls.keys.sorted().flatMap { stop($0, error) }
    }

    package mutating func tick(at now: Moment) -> [Directive] {
        calls.filter { now >= $0.value.deadline }.sorted { $0.key < $1.key }.flatMap { stream, call in
            let error = CallError(.deadlineExceeded, "the request was not finished within \(call.budget.secondsText)")
            return [.send(.error(error, stream: stream))] + stop(stream, error)
        }
    }

    /// Ends what runs; the callers are told.
    package mutating func stopAll(_ error: CallError) -> [Directive] {
        calls.keys.sorted().flatMap { [.send(.error(error, stream: $0))] + stop($0, error) }
    }

    // MARK: Messages

    /// - Parameter place: Requests that wait for a slot before this one.
    package mutating func receive(request message: WireMessage, on stream: StreamID, place: Int, at now: Moment)
        -> [Directive]
    {
        guard calls[stream] == nil, !stopping.contains(stream) else { return [] }  // resent: it is being answered
        let envelope = message.envelope
        if answered.contains(stream) { return [.send(.error(.resent, stream: stream))] }
        guard let takesItems = methods[envelope.method] else {
            creditOwed += 1
            return [.send(.error(.noSuchMethod(envelope.method), stream: stream))] + payCredit()
        }
        guard busy < requestsMax else {
            let error = CallError(
                .overloaded, "\(busy) requests are open here; allowed are \(requestsMax). Wait for CREDIT")
            return [.send(.error(error, stream: stream))]
        }
        let budget = limits.budget(of: envelope)
        var call = Call(deadline: now + budget, budget: budget)
        do throws(CallError) {
            try call.output.add(credit: envelope.credit, most: limits.itemCreditMax)
        } catch {
            creditOwed += 1
            return [.send(.error(error, stream: stream))] + payCredit()
        }
        var directives: [Directive] = [.send(.accepted(place: place, stream: stream))]
        if takesItems {
            call.input.grant(limits.inputItemCredit)
            directives.append(.send(.credit(limits.inputItemCredit, stream: stream)))
        }
        calls[stream] = call
        directives.append(
            .start(
                Request(
                    stream: stream, method: envelope.method, body: message.body, deadline: call.deadline,
                    tenant: envelope.tenant, traceparent: envelope.traceparent, attempt: Int(envelope.attempt))))
        return directives
    }

    /// A message on the stream of a call that runs here.
    ///
    /// - Returns: Nil when none does: it may be late, or about a call that this end made.
    package mutating func receive(_ message: WireMessage, on stream: StreamID) -> [Directive]? {
        guard calls[stream] != nil else { return nil }
        switch message.envelope.kind {
        case .item:
            return broken(stream) { book throws(CallError) in
                let carries = try book.calls[stream]?.input.accept(message) ?? false
                let deliver: [Directive] = carries ? [.deliver(stream, message.body)] : []
                return deliver + (message.envelope.last ? [.endItems(stream)] : [])
            }
        case .credit:
            return broken(stream) { book throws(CallError) in
                try book.calls[stream]?.output.add(credit: message.envelope.credit, most: book.limits.itemCreditMax)
                return [.maySend(stream)]
            }
        case .cancel:
            let error = CallError(.cancelled, "the caller cancelled the call")
            return [.send(.error(error, stream: stream))] + stop(stream, error)
        case .error:  // a hop refused what this end sent on the stream
            return stop(stream, CallerBook.error(of: message))
        default:
            return nil
        }
    }

    // MARK: The handler

    /// - Returns: Nil when there is no credit yet.
    package mutating func send(_ item: MessageBody, on stream: StreamID) -> Result<[Directive], CallError>? {
        guard calls[stream] != nil else { return .failure(CallError(.cancelled, "the call has ended")) }
        guard let sequence = calls[stream]?.output.takeSequence() else { return nil }
        return .success([.send(.item(item, sequence: sequence, stream: stream))])
    }

    package mutating func consumed(_ items: Int, on stream: StreamID) -> [Directive] {
        guard let call = calls[stream], !call.input.isFinished else { return [] }
        calls[stream]?.input.grant(items)
        return [.send(.credit(items, stream: stream))]
    }

    /// The handler has returned.
    package mutating func returned(_ result: Result<MessageBody, CallError>, on stream: StreamID) -> [Directive] {
        creditOwed += 1
        if stopping.remove(stream) != nil { return payCredit() }
        guard let call = calls.removeValue(forKey: stream) else { return [] }
        answered.insert(stream)
        switch result {
        case .success(let response):
            return [.send(.complete(response, after: call.output.nextSequence, stream: stream))] + payCredit()
        case .failure(let error): return [.send(.error(error, stream: stream))] + payCredit()
        }
    }

    private mutating func stop(_ stream: StreamID, _ error: CallError) -> [Directive] {
        guard calls.removeValue(forKey: stream) != nil else { return [] }
        answered.insert(stream)
        stopping.insert(stream)
        return [.stop(stream, error)]
    }

    private mutating func broken(
        _ stream: StreamID, _ step: (inout CalleeBook) throws(CallError) -> [Directive]
    ) -> [Directive] {
        do throws(CallError) {
            return try step(&self)
        } catch {
            return [.send(.error(error, stream: stream))] + stop(stream, error)
        }
    }

    /// Credit goes back in batches, so that short calls do not cost a `CREDIT` each.
    private mutating func payCredit(atLeast batch: Int? = nil) -> [Directive] {
        guard linkIsUp, creditOwed >= batch ?? max(1, requestsMax / 4) else { return [] }
        defer { creditOwed = 0 }
        return [.send(.credit(creditOwed))]
    }
}

extension WireLimits {
    /// The time budget of a request here: what is left of the caller's, within the limits.
    package func budget(of request: Envelope) -> Duration {
        guard request.budgetMilliseconds > 0 else { return budgetDefault }
        return min(.milliseconds(Int64(clamping: request.budgetMilliseconds)), budgetMax)
    }
}

extension CallError {
    package static let resent = CallError(
        .alreadyExists, "a request with this stream id was answered already; a new request needs a new id")

    package static func noSuchMethod(_ method: String) -> CallError {
        CallError(.unsupported, "the method '\(method.prefix(128))' is not known here", details: ["method": method])
    }
}
