package import Contracts

/// The calls that this end has made over one link: told what happened, it says what to do.
package struct CallerBook: Sendable {
    package enum Directive: Equatable, Sendable {
        case send(WireMessage)
        /// An item for whoever reads the call.
        case deliver(StreamID, MessageBody)
        /// The callee sends no more items.
        case endItems(StreamID)
        /// There is credit; whoever waits to send an item may try again.
        case maySend(StreamID)
        case end(StreamID, Result<MessageBody, CallError>)
    }

    package struct Order: Sendable {
        package let stream: StreamID
        package let method: String
        package let body: MessageBody
        package let budget: Duration
        package let tenant: String
        package let traceparent: String
        package let attempt: Int
        /// Items taken before any is consumed; 0 for a method without.
        package let itemCredit: Int

        package init(
            stream: StreamID, method: String, body: MessageBody, budget: Duration, tenant: String = "",
            traceparent: String = "", attempt: Int = 0, itemCredit: Int
        ) {
            self.stream = stream
            self.method = method
            self.body = body
            self.budget = budget
            self.tenant = tenant
            self.traceparent = traceparent
            self.attempt = attempt
            self.itemCredit = itemCredit
        }
    }

    private struct Call {
        /// Until there is credit to send it.
        package var unsent: Order?
        package let madeAt: Moment
        package let deadline: Moment
        package var input = Outflow()
        package var output = Inflow()
    }

    package let limits: WireLimits
    /// How long a call waits for a link that is down.
    package let linkWait: Duration
    private var calls: [StreamID: Call] = [:]
    private var waiting: [StreamID] = []
    private var requestCredit = 0
    private var linkIsUp = false
    private var gatewayDrains = false

    package init(limits: WireLimits, linkWait: Duration = .seconds(2)) {
        self.limits = limits
        self.linkWait = linkWait
    }

    package var openCalls: [StreamID] { calls.keys.sorted() }

    package mutating func call(_ order: Order, at now: Moment) -> [Directive] {
        let budget = min(max(order.budget, .zero), limits.budgetMax)
        var call = Call(unsent: order, madeAt: now, deadline: now + budget)
        call.output.grant(order.itemCredit)
        calls[order.stream] = call
        if gatewayDrains { return end(order.stream, .failure(Self.draining)) }
        waiting.append(order.stream)
        return sendWaiting(at: now)
    }

    /// - Returns: Nil when there is no credit yet.
    package mutating func send(_ item: MessageBody, on stream: StreamID) -> Result<[Directive], CallError>? {
        guard var call = calls[stream] else { return .failure(Self.ended) }
        guard !call.input.isFinished else {
            return .failure(CallError(.internal, "an item is sent after finishSending"))
        }
        guard let sequence = call.input.takeSequence() else { return nil }
        calls[stream] = call
        return .success([.send(.item(item, sequence: sequence, stream: stream))])
    }

    package mutating func finishSending(on stream: StreamID, at now: Moment) -> [Directive] {
        guard calls[stream] != nil, let sequence = calls[stream]?.input.finish() else { return [] }
        if calls[stream]?.unsent != nil { return [] }  // the end's mark follows the request
        return [.send(.lastItem(sequence: sequence, stream: stream))]
    }

    package mutating func consumed(_ items: Int, on stream: StreamID) -> [Directive] {
        guard let call = calls[stream], !call.output.isFinished else { return [] }
        calls[stream]?.output.grant(items)
        return [.send(.credit(items, stream: stream))]
    }

    /// Ends the call here at once and tells the callee; what still comes of it is late and ignored.
    package mutating func cancel(_ stream: StreamID, because error: CallError) -> [Directive] {
        guard let call = calls[stream] else { return [] }
        let tell: [Directive] = call.unsent == nil ? [.send(.cancel(stream))] : []
        return tell + end(stream, .failure(error))
    }

    // MARK: The link

    package mutating func linkUp(at now: Moment) -> [Directive] {
        linkIsUp = true
        gatewayDrains = false
        requestCredit = 0
        return []
    }

    /// Calls that were sent end; calls that were not wait for another link.
    package mutating func linkLost(_ error: CallError, at now: Moment) -> [Directive] {
        linkIsUp = false
        requestCredit = 0
        return calls.filter { $0.value.unsent == nil }.keys.sorted().flatMap { end($0, .failure(error)) }
    }

    /// Nothing can be called any more.
    package mutating func close(_ error: CallError) -> [Directive] {
        openCalls.flatMap { cancel($0, because: error) }
    }

    package mutating func drained(at now: Moment) -> [Directive] {
        gatewayDrains = true
        return waiting.flatMap { end($0, .failure(Self.draining)) }
    }

    package mutating func tick(at now: Moment) -> [Directive] {
        var directives: [Directive] = []
        for stream in openCalls {
            guard let call = calls[stream] else { continue }
            if now >= call.deadline {
                let error = CallError(
                    .deadlineExceeded, "no answer within \((call.deadline - call.madeAt).secondsText)")
                directives += cancel(stream, because: error)
            } else if call.unsent != nil, !linkIsUp, now - call.madeAt >= linkWait {
                directives += end(
                    stream, .failure(CallError(.unavailable, "no gateway answers; is the suite running?")))
            }
        }
        return directives
    }

    // MARK: Messages

    /// More requests may be sent.
    package mutating func receive(requestCredit more: UInt64, at now: Moment) -> [Directive] {
        requestCredit += Int(min(more, UInt64(limits.requestCreditMax - min(requestCredit, limits.requestCreditMax))))
        return sendWaiting(at: now)
    }

    /// A message on the stream of a call of ours.
    ///
    /// - Returns: Nil when there is no such call: it may be late, or about a call that the other side made.
    package mutating func receive(_ message: WireMessage, on stream: StreamID) -> [Directive]? {
        guard let call = calls[stream], call.unsent == nil else { return nil }
        switch message.envelope.kind {
        case .accepted:
            return []
        case .credit:
            return broken(stream) { book throws(CallError) in
                try book.calls[stream]?.input.add(credit: message.envelope.credit, most: book.limits.itemCreditMax)
                return [.maySend(stream)]
            }
        case .item:
            return broken(stream) { book throws(CallError) in
                let carries = try book.calls[stream]?.output.accept(message) ?? false
                let deliver: [Directive] = carries ? [.deliver(stream, message.body)] : []
                return deliver + (message.envelope.last ? [.endItems(stream)] : [])
            }
        case .complete:
            do throws(CallError) { try call.output.checkEnd(message) } catch { return end(stream, .failure(error)) }
            return end(stream, .success(message.body))
        case .error:
            return end(stream, .failure(Self.error(of: message)))
        default:
            return nil
        }
    }

    /// The error that an `ERROR` carries; its own, when it carries none.
    package static func error(of message: WireMessage) -> CallError {
        do throws(CallError) { return try CallError(message.body) } catch { return error }
    }

    private mutating func broken(
        _ stream: StreamID, _ step: (inout CallerBook) throws(CallError) -> [Directive]
    ) -> [Directive] {
        do throws(CallError) {
            return try step(&self)
        } catch {
            return cancel(stream, because: error)
        }
    }

    private mutating func sendWaiting(at now: Moment) -> [Directive] {
        var directives: [Directive] = []
        while requestCredit > 0, let stream = waiting.first {
            waiting.removeFirst()
            guard let call = calls[stream], let order = call.unsent else { continue }
            requestCredit -= 1
            calls[stream]?.unsent = nil
            let envelope = Envelope(
                .request, stream: stream.bytes, method: order.method,
                budgetMilliseconds: max(1, (call.deadline - now).wholeMilliseconds), tenant: order.tenant,
                traceparent: order.traceparent, attempt: UInt32(clamping: order.attempt),
                credit: UInt64(order.itemCredit))
            directives.append(.send(WireMessage(envelope, order.body)))
            if call.input.isFinished {
                directives.append(.send(.lastItem(sequence: call.input.nextSequence, stream: stream)))
            }
        }
        return directives
    }

    private mutating func end(_ stream: StreamID, _ result: Result<MessageBody, CallError>) -> [Directive] {
        guard let call = calls.removeValue(forKey: stream) else { return [] }
        if call.unsent != nil { waiting.removeAll { $0 == stream } }
        return [.end(stream, result)]
    }

    private static let ended = CallError(.cancelled, "the call has ended")
    private static let draining = CallError(.unavailable, "the gateway is stopping and takes no new requests")
}
