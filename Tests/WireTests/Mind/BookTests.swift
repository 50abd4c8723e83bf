import Contracts
import TestSupport
import Testing
import Wire

private func moment(_ milliseconds: Int) -> Moment { Moment(sinceStart: .milliseconds(milliseconds)) }

@Suite struct CallerBookTests {
    private let stream = StreamNames(seed: 1).next()

    private func order(_ budget: Duration = .seconds(10), credit: Int = 2) -> CallerBook.Order {
        CallerBook.Order(
            stream: stream, method: "codec.Echo", body: MessageBody(), budget: budget, itemCredit: credit)
    }

    private func sent(_ directives: [CallerBook.Directive]) -> [Envelope] {
        directives.compactMap { if case .send(let message) = $0 { message.envelope } else { nil } }
    }

    @Test func requestWaitsForCreditAndStatesWhatIsLeftOfItsBudget() throws {
        var book = CallerBook(limits: WireLimits())
        _ = book.linkUp(at: moment(0))
        #expect(book.call(order(), at: moment(0)) == [])
        let request = try #require(sent(book.receive(requestCredit: 1, at: moment(4000))).first)
        #expect(request.kind == .request)
        #expect(request.budgetMilliseconds == 6000)
        #expect(request.credit == 2)
    }

    @Test func itemIsSentOnlyWithCredit() throws {
        var book = CallerBook(limits: WireLimits())
        _ = book.linkUp(at: moment(0))
        _ = book.receive(requestCredit: 1, at: moment(0))
        _ = book.call(order(), at: moment(0))
        #expect(book.send(MessageBody(), on: stream) == nil)
        #expect(book.receive(.credit(1, stream: stream), on: stream) == [.maySend(stream)])
        let item = try #require(sent(try book.send(MessageBody(), on: stream)?.get() ?? []).first)
        #expect(item.kind == .item && item.sequence == 0)
        #expect(book.send(MessageBody(), on: stream) == nil)
    }

    @Test(arguments: [(256, true), (257, false)]) func creditHasALimit(credit: Int, isTaken: Bool) {
        var book = CallerBook(limits: WireLimits())
        _ = book.linkUp(at: moment(0))
        _ = book.receive(requestCredit: 1, at: moment(0))
        _ = book.call(order(), at: moment(0))
        let directives = book.receive(.credit(credit, stream: stream), on: stream)
        #expect((directives == [.maySend(stream)]) == isTaken)
        #expect(book.openCalls.isEmpty == !isTaken)
    }

    @Test func callThatIsOverItsDeadlineEndsAndIsCancelled() {
        var book = CallerBook(limits: WireLimits())
        _ = book.linkUp(at: moment(0))
        _ = book.receive(requestCredit: 1, at: moment(0))
        _ = book.call(order(.seconds(1)), at: moment(0))
        #expect(book.tick(at: moment(999)) == [])
        let directives = book.tick(at: moment(1000))
        #expect(sent(directives).map(\.kind) == [.cancel])
        guard case .end(_, .failure(let error))? = directives.last else {
            Issue.record("not ended")
            return
        }
        #expect(error.code == .deadlineExceeded)
    }

    @Test func callWithoutALinkEndsSoonAndTheSentOneWithTheLink() {
        var book = CallerBook(limits: WireLimits())
        _ = book.call(order(), at: moment(0))
        #expect(book.tick(at: moment(1999)) == [])
        #expect(book.tick(at: moment(2000)).count == 1)

        _ = book.linkUp(at: moment(2000))
        _ = book.receive(requestCredit: 1, at: moment(2000))
        _ = book.call(order(), at: moment(2000))
        let error = CallError(.unavailable, "gone")
        #expect(book.linkLost(error, at: moment(2001)) == [.end(stream, .failure(error))])
    }

    @Test func responseThatMissesItemsIsNoSuccess() {
        var book = CallerBook(limits: WireLimits())
        _ = book.linkUp(at: moment(0))
        _ = book.receive(requestCredit: 1, at: moment(0))
        _ = book.call(order(), at: moment(0))
        _ = book.receive(.item(MessageBody(payload: [1]), sequence: 0, stream: stream), on: stream)
        guard
            case .end(_, .failure(let error))? = book.receive(
                .complete(MessageBody(), after: 2, stream: stream), on: stream)?.last
        else {
            Issue.record("not failed")
            return
        }
        #expect(error.code == .malformed)
    }
}

@Suite struct CalleeBookTests {
    private let stream = StreamNames(seed: 1).next()

    private func book(requestsMax: Int = 2) -> CalleeBook {
        var book = CalleeBook(
            methods: ["codec.Take": true, "codec.Echo": false], requestsMax: requestsMax, limits: WireLimits())
        _ = book.linkUp()
        return book
    }

    private func request(_ method: String = "codec.Echo", stream: StreamID, budget: UInt64 = 1000) -> WireMessage {
        WireMessage(Envelope(.request, stream: stream.bytes, method: method, budgetMilliseconds: budget, credit: 1))
    }

    private func sent(_ directives: [CalleeBook.Directive]) -> [Envelope] {
        directives.compactMap { if case .send(let message) = $0 { message.envelope } else { nil } }
    }

    @Test func newLinkIsToldHowManyRequestsItMayCarry() {
        var book = CalleeBook(methods: [:], requestsMax: 3, limits: WireLimits())
        #expect(book.linkUp() == [.send(.credit(3))])
    }

    @Test func onlyMethodsThatTakeItemsGiveCreditForThem() {
        var book = book()
        let take = book.receive(request: request("codec.Take", stream: stream), on: stream, place: 0, at: moment(0))
        #expect(sent(take).map(\.kind) == [.accepted, .credit])
        let other = StreamNames(seed: 2).next()
        let echo = book.receive(request: request(stream: other), on: other, place: 0, at: moment(0))
        #expect(sent(echo).map(\.kind) == [.accepted])
    }

    @Test func requestSentAgainRunsOnceAndIsAnsweredOnce() {
        var book = book()
        let starts = book.receive(request: request(stream: stream), on: stream, place: 0, at: moment(0))
        #expect(starts.contains { if case .start = $0 { true } else { false } })
        #expect(book.receive(request: request(stream: stream), on: stream, place: 0, at: moment(1)) == [])
        _ = book.returned(.success(MessageBody()), on: stream)
        let again = book.receive(request: request(stream: stream), on: stream, place: 0, at: moment(2))
        #expect(again == [.send(.error(.resent, stream: stream))])
    }

    @Test func requestBeyondItsCreditIsRefused() {
        var book = book(requestsMax: 1)
        _ = book.receive(request: request(stream: stream), on: stream, place: 0, at: moment(0))
        let other = StreamNames(seed: 2).next()
        let directives = book.receive(request: request(stream: other), on: other, place: 0, at: moment(0))
        #expect(sent(directives).map(\.kind) == [.error])
        #expect(book.busy == 1)
    }

    /// The slot is free when the handler has returned, not when its caller has gone.
    @Test func cancelledHandlerKeepsItsSlotUntilItReturns() {
        var book = book(requestsMax: 1)
        _ = book.receive(request: request(stream: stream), on: stream, place: 0, at: moment(0))
        let cancelled = book.receive(.cancel(stream), on: stream) ?? []
        #expect(sent(cancelled).map(\.kind) == [.error])
        #expect(cancelled.contains { if case .stop = $0 { true } else { false } })
        #expect(book.busy == 1)
        #expect(book.returned(.success(MessageBody()), on: stream) == [.send(.credit(1))])
        #expect(book.busy == 0)
    }

    @Test func requestPastItsDeadlineIsStopped() {
        var book = book()
        _ = book.receive(request: request(stream: stream, budget: 500), on: stream, place: 0, at: moment(0))
        #expect(book.tick(at: moment(499)) == [])
        #expect(sent(book.tick(at: moment(500))).map(\.kind) == [.error])
    }
}
