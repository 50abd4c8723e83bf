import Contracts

/// The actor at whose desk calls are made and answered.
protocol DeskOwner: CallLine, AnyObject {
    /// The consumer of a stream has taken items.
    func consumed(_ items: Int, on stream: StreamID, byHandler: Bool) async
    func handlerSends(_ item: MessageBody, on stream: StreamID) async -> CallError?
    func handlerReturned(_ result: Result<MessageBody, CallError>, on stream: StreamID) async
}

/// The calls of one link with what they move: inboxes, handlers' tasks, senders that wait for credit. It belongs to one
/// actor, which sends the messages that come out of it.
final class CallDesk {
    private struct Sender {
        let item: MessageBody
        let continuation: CheckedContinuation<CallError?, Never>
    }

    private let limits: WireLimits
    private let methods: MethodTable
    private var callerBook: CallerBook
    private var calleeBook: CalleeBook
    private var outgoing: [StreamID: (inbox: ItemInbox, outcome: Outcome)] = [:]
    private var incoming: [StreamID: (inbox: ItemInbox, task: Task<Void, Never>)] = [:]
    private var senders: [StreamID: [Sender]] = [:]

    init(methods: MethodTable, requestsMax: Int, limits: WireLimits) {
        self.limits = limits
        self.methods = methods
        callerBook = CallerBook(limits: limits)
        calleeBook = CalleeBook(
            methods: methods.entries.mapValues(\.takesItems), requestsMax: requestsMax, limits: limits)
    }

    /// Handlers that have not returned.
    var busy: Int { calleeBook.busy }

    // MARK: Calls of this side

    func call(
        _ method: String, _ body: MessageBody, _ options: CallOptions, hasItems: Bool, owner: any DeskOwner
    ) -> (handle: CallHandle, messages: [WireMessage]) {
        let stream = StreamID.random()
        let window = hasItems ? min(max(1, options.itemCredit), limits.itemCreditMax) : 0
        let inbox = Self.inbox(window: window, stream: stream, owner: owner, byHandler: false)
        let outcome = Outcome()
        outgoing[stream] = (inbox, outcome)
        let order = CallerBook.Order(
            stream: stream, method: method, body: body, budget: options.budget, tenant: options.tenant,
            traceparent: options.traceparent, attempt: options.attempt, itemCredit: window)
        let messages = perform(callerBook.call(order, at: .now))
        return (CallHandle(stream: stream, line: owner, inbox: inbox, outcome: outcome), messages)
    }

    func finishSending(on stream: StreamID) -> [WireMessage] {
        perform(callerBook.finishSending(on: stream, at: .now))
    }

    func cancel(_ stream: StreamID, because error: CallError) -> [WireMessage] {
        perform(callerBook.cancel(stream, because: error))
    }

    // MARK: Both sides

    /// Sends an item, or keeps it until there is credit.
    func send(
        _ item: MessageBody, on stream: StreamID, byHandler: Bool,
        _ continuation: CheckedContinuation<CallError?, Never>
    ) -> [WireMessage] {
        // Behind those that wait already, so that items keep their order.
        guard senders[stream] == nil else {
            senders[stream]?.append(Sender(item: item, continuation: continuation))
            return []
        }
        switch byHandler
            ? calleeBook.send(item, on: stream).map({ $0.map(\.messages) })
            : callerBook.send(item, on: stream).map({ $0.map(\.messages) })
        {
        case .success(let messages):
            continuation.resume(returning: nil)
            return messages
        case .failure(let error):
            continuation.resume(returning: error)
            return []
        case nil:
            senders[stream] = [Sender(item: item, continuation: continuation)]
            return []
        }
    }

    func consumed(_ items: Int, on stream: StreamID, byHandler: Bool, owner: any DeskOwner) -> [WireMessage] {
        byHandler
            ? perform(calleeBook.consumed(items, on: stream), owner: owner)
            : perform(callerBook.consumed(items, on: stream))
    }

    func handlerReturned(
        _ result: Result<MessageBody, CallError>, on stream: StreamID, owner: any DeskOwner
    ) -> [WireMessage] {
        incoming[stream]?.inbox.end(.success(()))
        incoming[stream] = nil
        failSenders(of: stream, CallError(.cancelled, "the handler has returned"))
        return perform(calleeBook.returned(result, on: stream), owner: owner)
    }

    // MARK: The link

    func receive(_ message: WireMessage, owner: any DeskOwner) -> [WireMessage] {
        guard let stream = message.stream else {
            guard message.envelope.kind == .credit else { return [] }
            return perform(callerBook.receive(requestCredit: message.envelope.credit, at: .now))
        }
        switch message.envelope.kind {
        case .request:
            return perform(calleeBook.receive(request: message, on: stream, place: 0, at: .now), owner: owner)
        case .unknown(let number):
            return [.error(CallError(.unsupported, "kind \(number) is not known here"), stream: stream)]
        default:
            if let directives = callerBook.receive(message, on: stream) { return perform(directives) }
            return perform(calleeBook.receive(message, on: stream) ?? [], owner: owner)
        }
    }

    func linkUp(owner: any DeskOwner) -> [WireMessage] {
        perform(callerBook.linkUp(at: .now)) + perform(calleeBook.linkUp(), owner: owner)
    }

    func linkLost(_ error: CallError, owner: any DeskOwner) {
        // What the books would send has no link to travel on.
        _ = perform(callerBook.linkLost(error, at: .now))
        _ = perform(calleeBook.linkLost(error), owner: owner)
    }

    func gatewayDrains() { _ = perform(callerBook.drained(at: .now)) }

    func tick(owner: any DeskOwner) -> [WireMessage] {
        perform(callerBook.tick(at: .now)) + perform(calleeBook.tick(at: .now), owner: owner)
    }

    /// Ends every call, made or answered here.
    func close(_ error: CallError, owner: any DeskOwner) -> [WireMessage] {
        perform(callerBook.close(error)) + perform(calleeBook.stopAll(error), owner: owner)
    }

    // MARK: Directives

    private func perform(_ directives: [CallerBook.Directive]) -> [WireMessage] {
        var messages: [WireMessage] = []
        for directive in directives {
            switch directive {
            case .send(let message): messages.append(message)
            case .deliver(let stream, let item): outgoing[stream]?.inbox.put(item)
            case .endItems(let stream): outgoing[stream]?.inbox.end(.success(()))
            case .maySend(let stream): messages += sendWaiting(on: stream, byHandler: false)
            case .end(let stream, let result):
                guard let call = outgoing.removeValue(forKey: stream) else { continue }
                call.outcome.settle(result)
                call.inbox.end(result.map { _ in })
                if case .failure(let error) = result {
                    failSenders(of: stream, error)
                } else {
                    failSenders(of: stream, CallError(.cancelled, "the callee has answered and takes no more items"))
                }
            }
        }
        return messages
    }

    private func perform(_ directives: [CalleeBook.Directive], owner: any DeskOwner) -> [WireMessage] {
        var messages: [WireMessage] = []
        for directive in directives {
            switch directive {
            case .send(let message): messages.append(message)
            case .start(let request): start(request, owner: owner)
            case .deliver(let stream, let item): incoming[stream]?.inbox.put(item)
            case .endItems(let stream): incoming[stream]?.inbox.end(.success(()))
            case .maySend(let stream): messages += sendWaiting(on: stream, byHandler: true)
            case .stop(let stream, let error):
                incoming[stream]?.inbox.end(.failure(error))
                incoming[stream]?.task.cancel()
                failSenders(of: stream, error)
            }
        }
        return messages
    }

    private func start(_ request: CalleeBook.Request, owner: any DeskOwner) {
        guard let entry = methods.entries[request.method] else { return }
        let stream = request.stream
        let inbox = Self.inbox(window: limits.inputItemCredit, stream: stream, owner: owner, byHandler: true)
        if !entry.takesItems { inbox.end(.success(())) }
        let call = IncomingCall(
            deadline: request.deadline, tenant: request.tenant, traceparent: request.traceparent,
            attempt: request.attempt, inbox: inbox
        ) { await owner.handlerSends($0, on: stream) }
        let task = Task {
            let result = await entry.handler(request.body, call)
            await owner.handlerReturned(result, on: stream)
        }
        incoming[stream] = (inbox, task)
    }

    private func sendWaiting(on stream: StreamID, byHandler: Bool) -> [WireMessage] {
        var messages: [WireMessage] = []
        while let sender = senders[stream]?.first {
            let sent =
                byHandler
                ? calleeBook.send(sender.item, on: stream).map { $0.map(\.messages) }
                : callerBook.send(sender.item, on: stream).map { $0.map(\.messages) }
            guard let sent else { break }
            senders[stream]?.removeFirst()
            switch sent {
            case .success(let more):
                messages += more
                sender.continuation.resume(returning: nil)
            case .failure(let error):
                sender.continuation.resume(returning: error)
            }
        }
        if senders[stream]?.isEmpty == true { senders[stream] = nil }
        return messages
    }

    private func failSenders(of stream: StreamID, _ error: CallError) {
        for sender in senders.removeValue(forKey: stream) ?? [] { sender.continuation.resume(returning: error) }
    }

    private static func inbox(window: Int, stream: StreamID, owner: any DeskOwner, byHandler: Bool) -> ItemInbox {
        ItemInbox(window: window) { [weak owner] items in
            Task { await owner?.consumed(items, on: stream, byHandler: byHandler) }
        }
    }
}

extension [CallerBook.Directive] {
    fileprivate var messages: [WireMessage] {
        compactMap {
            guard case .send(let message) = $0 else { return nil }
            return message
        }
    }
}

extension [CalleeBook.Directive] {
    fileprivate var messages: [WireMessage] {
        compactMap {
            guard case .send(let message) = $0 else { return nil }
            return message
        }
    }
}
