import Contracts
import Testing
import Wire

private func moment(_ milliseconds: Int) -> Moment { Moment(sinceStart: .milliseconds(milliseconds)) }

@Suite struct GatewayMindTests {
    private static let client = PeerKey.remote([1])
    private let stream = StreamNames(seed: 1).next()

    private func mind(_ limits: WireLimits = WireLimits()) -> GatewayMind {
        let names = StreamNames(seed: 1)
        var own = describe("gateway")
        own.methods = ["gateway.Status"]
        return GatewayMind(
            own: own, limits: limits, timings: LinkTimings(), at: moment(0), newStream: { names.next() })
    }

    private func join(
        _ mind: inout GatewayMind, _ number: UInt8, _ service: String = "codec", credit: Int, at now: Moment = moment(0)
    ) -> PeerKey {
        let key = PeerKey.remote([number])
        var description = describe(service)
        description.methods = ["\(service).Echo"]
        _ = mind.receive(WireMessage(Envelope(.hello), description.encoded()), from: key, at: now)
        _ = mind.receive(.credit(credit), from: key, at: now)
        return key
    }

    private func request(_ stream: StreamID, _ method: String = "codec.Echo", budget: UInt64 = 5000) -> WireMessage {
        WireMessage(Envelope(.request, stream: stream.bytes, method: method, budgetMilliseconds: budget))
    }

    private func sent(_ directives: [GatewayMind.Directive], to key: PeerKey) -> [Envelope] {
        directives.compactMap { if case .send(key, let message) = $0 { message.envelope } else { nil } }
    }

    @Test func requestGoesToTheWorkerWithMostCreditThenToTheFirst() {
        var mind = mind()
        let first = join(&mind, 10, credit: 2)
        let second = join(&mind, 11, credit: 3)
        let names = StreamNames(seed: 2)
        var order: [PeerKey] = []
        for _ in 0..<5 {
            let directives = mind.receive(request(names.next()), from: Self.client, at: moment(1))
            order += [first, second].filter { !sent(directives, to: $0).isEmpty }
        }
        #expect(order == [second, first, second, first, second])
    }

    @Test func waitingRequestIsSentWithWhatIsLeftAndNotPastItsDeadline() throws {
        var mind = mind()
        let worker = join(&mind, 10, credit: 1)
        let names = StreamNames(seed: 2)
        let (running, waiting, late) = (names.next(), names.next(), names.next())
        _ = mind.receive(request(running), from: Self.client, at: moment(0))
        let accepted = mind.receive(request(waiting, budget: 1500), from: Self.client, at: moment(0))
        #expect(sent(accepted, to: Self.client).map(\.kind) == [.accepted])
        _ = mind.receive(request(late, budget: 500), from: Self.client, at: moment(0))

        let over = mind.tick(at: moment(500))
        #expect(sent(over, to: Self.client).map(\.kind) == [.error])
        let forwarded = mind.receive(.credit(2), from: worker, at: moment(600))
        let sentOn = sent(forwarded, to: worker)
        #expect(sentOn.map(\.stream) == [waiting.bytes])
        #expect(sentOn.map(\.budgetMilliseconds) == [900])
    }

    @Test func requestOverItsDeadlineIsCancelledAtTheWorker() {
        var mind = mind()
        let worker = join(&mind, 10, credit: 1)
        _ = mind.receive(request(stream, budget: 1000), from: Self.client, at: moment(0))
        #expect(sent(mind.tick(at: moment(999)), to: worker).filter { $0.kind == .cancel }.isEmpty)
        let directives = mind.tick(at: moment(1000))
        #expect(sent(directives, to: worker).contains { $0.kind == .cancel })
        #expect(sent(directives, to: Self.client).map(\.kind) == [.error])
        #expect(mind.isIdle)
    }

    @Test func peerIsLostAfterFourHeartbeatsOfSilence() {
        var mind = mind()
        _ = join(&mind, 10, credit: 1)
        _ = mind.tick(at: moment(1999))
        #expect(mind.workers.count == 1)
        _ = mind.tick(at: moment(2000))
        #expect(mind.workers.isEmpty)
    }

    @Test func silentGatewaySendsHeartbeatsToWhomeverItKnows() {
        var mind = mind()
        let worker = join(&mind, 10, credit: 1)
        _ = mind.receive(request(stream, "codec.Nothing"), from: Self.client, at: moment(0))
        let directives = mind.tick(at: moment(500))
        #expect(sent(directives, to: worker).map(\.kind) == [.heartbeat])
        #expect(sent(directives, to: Self.client).isEmpty)
    }

    @Test func workerThatDialsAnewTakesItsOwnPlace() {
        var mind = mind()
        var description = describe("codec")
        description.methods = ["codec.Echo"]
        let hello = WireMessage(Envelope(.hello), description.encoded())
        _ = mind.receive(hello, from: .remote([10]), at: moment(0))
        _ = mind.receive(.credit(1), from: .remote([10]), at: moment(0))
        _ = mind.receive(request(stream), from: Self.client, at: moment(0))
        let directives = mind.receive(hello, from: .remote([11]), at: moment(1))
        #expect(sent(directives, to: Self.client).map(\.kind) == [.error])
        #expect(mind.workers.map(\.key) == [.remote([11])])
    }

    @Test func drainingWorkerIsGivenNothingNew() {
        var mind = mind()
        let draining = join(&mind, 10, credit: 5)
        let other = join(&mind, 11, credit: 1)
        _ = mind.receive(WireMessage(Envelope(.drain)), from: draining, at: moment(0))
        let directives = mind.receive(request(stream), from: Self.client, at: moment(0))
        #expect(sent(directives, to: draining).isEmpty)
        #expect(sent(directives, to: other).map(\.kind) == [.request])
    }

    /// What the gateway answers itself cannot be taken over by a worker that announces it.
    @Test func ownMethodsAreNotForwarded() {
        var mind = mind()
        _ = mind.grantOwn(at: moment(0))
        _ = mind.receive(.credit(1), from: .own, at: moment(0))
        let key = PeerKey.remote([10])
        var description = describe("gateway")
        description.methods = ["gateway.Status"]
        _ = mind.receive(WireMessage(Envelope(.hello), description.encoded()), from: key, at: moment(0))
        _ = mind.receive(.credit(100), from: key, at: moment(0))
        let directives = mind.receive(request(stream, "gateway.Status"), from: Self.client, at: moment(0))
        #expect(sent(directives, to: .own).map(\.kind) == [.request])
    }

    @Test func methodThatAKnownServiceLacksIsRefusedAtOnce() throws {
        var mind = mind()
        _ = join(&mind, 10, credit: 1)
        for method in ["codec.Nothing", "gateway.Nothing"] {
            let directives = mind.receive(request(StreamID.random(), method), from: Self.client, at: moment(0))
            guard case .send(_, let message)? = directives.first else {
                Issue.record("\(method): no answer")
                continue
            }
            #expect(try CallError(message.body).code == .unsupported)
        }
        #expect(mind.receive(request(stream, "voices.Get"), from: Self.client, at: moment(0)) == [])
    }

    @Test(arguments: [1, 2]) func peerMayHaveSoManyRequestsOpenAndNoMore(most: Int) {
        var limits = WireLimits()
        limits.requestsPerPeerMax = most
        var mind = mind(limits)
        _ = join(&mind, 10, credit: 10)
        let names = StreamNames(seed: 2)
        for _ in 0..<most {
            #expect(
                sent(mind.receive(request(names.next()), from: Self.client, at: moment(0)), to: Self.client).isEmpty)
        }
        let directives = mind.receive(request(names.next()), from: Self.client, at: moment(0))
        #expect(sent(directives, to: Self.client).map(\.kind) == [.error])
    }

    @Test func twoCallersMayChooseTheSameNameForAStream() {
        var mind = mind()
        let worker = join(&mind, 10, credit: 2)
        let other = PeerKey.remote([2])
        let one = sent(mind.receive(request(stream), from: Self.client, at: moment(0)), to: worker)
        let two = sent(mind.receive(request(stream), from: other, at: moment(0)), to: worker)
        #expect(one.count == 1 && two.count == 1 && one[0].stream != two[0].stream)
        let answer = WireMessage(Envelope(.complete, stream: two[0].stream))
        let directives = mind.receive(answer, from: worker, at: moment(1))
        #expect(sent(directives, to: other).map(\.stream) == [stream.bytes])
        #expect(sent(directives, to: Self.client).isEmpty)
    }

    @Test func refusedPeerIsHeardAgainAfterAWhile() {
        var mind = mind()
        let error = CallError(.malformed, "no envelope")
        for time in [0, 1, 2] {
            _ = mind.receive(malformed: error, stream: [], isError: false, from: Self.client, at: moment(time))
        }
        #expect(mind.receive(request(stream, "codec"), from: Self.client, at: moment(3)) == [])
        _ = mind.tick(at: moment(60_001))
        #expect(mind.receive(request(stream, "codec"), from: Self.client, at: moment(60_001)) == [])
        _ = mind.tick(at: moment(60_002))
        #expect(!mind.receive(request(stream, "codec"), from: Self.client, at: moment(60_003)).isEmpty)
    }

    @Test func malformedErrorIsNotAnsweredWithAnError() {
        var mind = mind()
        let error = CallError(.malformed, "no failure")
        let directives = mind.receive(malformed: error, stream: [], isError: true, from: Self.client, at: moment(0))
        #expect(sent(directives, to: Self.client).isEmpty)
    }
}
