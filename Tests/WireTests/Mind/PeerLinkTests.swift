import Contracts
import Testing
import Wire

private func moment(_ milliseconds: Int) -> Moment { Moment(sinceStart: .milliseconds(milliseconds)) }

@Suite struct PeerLinkTests {
    private static let welcome = Welcome(software: "g", heartbeatMilliseconds: 500, missedMax: 4, instance: [1])

    private static func link() -> PeerLink {
        PeerLink(
            description: describe("codec"), endpoint: "ipc:///g", timings: LinkTimings(), limits: WireLimits(),
            at: moment(0))
    }

    private static func linked() -> PeerLink {
        var link = link()
        _ = link.start(at: moment(0))
        #expect(
            link.receive(WireMessage(Envelope(.welcome), welcome.encoded()), at: moment(10)) == [.up(welcome)])
        return link
    }

    private static func isDialAndHello(_ directives: ArraySlice<PeerLink.Directive>) -> Bool {
        guard directives.count == 2, directives.first == .dial, case .send(let hello)? = directives.last else {
            return false
        }
        return hello.envelope.kind == .hello
    }

    @Test func dialsAndSaysHello() {
        var link = Self.link()
        #expect(Self.isDialAndHello(link.start(at: moment(0))[...]))
        #expect(!link.isUp)
    }

    @Test func unansweredHelloIsSaidAgainOnANewSocket() {
        var link = Self.link()
        _ = link.start(at: moment(0))
        #expect(link.tick(at: moment(1999)) == [])
        #expect(Self.isDialAndHello(link.tick(at: moment(2000))[...]))
    }

    @Test func heartbeatIsSentWhenSilentAndOnlyThen() {
        var link = Self.linked()
        link.sent(at: moment(100))
        #expect(link.tick(at: moment(599)) == [])
        #expect(link.tick(at: moment(600)) == [.send(WireMessage(Envelope(.heartbeat)))])
        #expect(link.tick(at: moment(700)) == [])
    }

    @Test func silentGatewayIsLostAfterFourHeartbeatsAndDialledAnew() {
        var link = Self.linked()
        _ = link.receive(WireMessage(Envelope(.heartbeat)), at: moment(1000))
        #expect(!link.tick(at: moment(2999)).contains { if case .lost = $0 { true } else { false } })
        let directives = link.tick(at: moment(3000))
        guard case .lost(let error)? = directives.first else {
            Issue.record("not lost: \(directives)")
            return
        }
        #expect(error.code == .unavailable && error.message.contains("ipc:///g"))
        #expect(Self.isDialAndHello(directives.dropFirst()))
    }

    @Test func gatewayThatStopsOrForgotThisPeerIsDialledAnewAtOnce() {
        for message in [WireMessage(Envelope(.bye)), .error(.helloExpected, stream: [])] {
            var link = Self.linked()
            let directives = link.receive(message, at: moment(20))
            #expect(directives.count == 3 && Self.isDialAndHello(directives.dropFirst()))
            #expect(!link.isUp)
        }
    }

    @Test func refusedPeerWaitsBeforeItDialsAgain() {
        var link = Self.link()
        _ = link.start(at: moment(0))
        let error = CallError(.unsupported, "CLQ/1 here, CLQ/2 there")
        #expect(link.receive(.error(error, stream: []), at: moment(1)) == [.refused(error)])
        #expect(link.tick(at: moment(60_000)) == [])
        #expect(Self.isDialAndHello(link.tick(at: moment(60_001))[...]))
    }

    @Test func thirdMalformedMessageOfAMinuteEndsTheLink() {
        var link = Self.linked()
        #expect(link.receivedMalformed(at: moment(100)) == [])
        #expect(link.receivedMalformed(at: moment(200)) == [])
        // The first is forgotten after a minute.
        #expect(link.receivedMalformed(at: moment(60_100)) == [])
        #expect(link.receivedMalformed(at: moment(60_101)).count == 3)
    }

    @Test func byeIsSaidOnlyToWhoIsThere() {
        var link = Self.linked()
        #expect(link.close() == [.send(WireMessage(Envelope(.bye)))])
        #expect(link.close() == [])
        #expect(link.tick(at: moment(100_000)) == [])
    }
}
