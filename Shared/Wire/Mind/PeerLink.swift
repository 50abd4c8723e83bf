package import Contracts

/// The link of a peer to a gateway that it dials: told what happened, it says what to do.
///
/// A link that is lost is dialled anew with a fresh socket, so that nothing stale waits in an old one.
package struct PeerLink: Sendable {
    package enum Directive: Equatable, Sendable {
        /// Close the socket, if there is one, and dial with a new one.
        case dial
        case send(WireMessage)
        case up(Welcome)
        /// What was under way over this link is lost.
        case lost(CallError)
        /// The gateway will not have this peer; dialling again soon is no use.
        case refused(CallError)
        case gatewayDrains
    }

    private enum State: Equatable {
        case closed
        /// `HELLO` was sent at this time, `WELCOME` is awaited.
        case dialling(since: Moment)
        case up
        case refused(until: Moment)
    }

    private let hello: WireMessage
    private let endpoint: String
    /// Until `WELCOME` tells the gateway's.
    private let timings: LinkTimings
    private let limits: WireLimits
    private var state = State.closed
    private var heartbeat: Duration
    private var lostAfter: Duration
    private var lastHeard: Moment
    private var lastSent: Moment
    private var offences: Offences

    package init(
        description: PeerDescription, endpoint: String, timings: LinkTimings, limits: WireLimits, at now: Moment
    ) {
        hello = WireMessage(Envelope(.hello), description.encoded())
        self.endpoint = endpoint
        self.timings = timings
        self.limits = limits
        heartbeat = timings.heartbeat
        lostAfter = timings.lostAfter
        lastHeard = now
        lastSent = now
        offences = Offences(limits: limits)
    }

    package var isUp: Bool { state == .up }

    package mutating func start(at now: Moment) -> [Directive] { dial(at: now) }

    /// Says `BYE`, when there is somebody to say it to.
    package mutating func close() -> [Directive] {
        defer { state = .closed }
        return isUp ? [.send(WireMessage(Envelope(.bye)))] : []
    }

    /// Something was sent, so no heartbeat is due.
    package mutating func sent(at now: Moment) { lastSent = now }

    /// - Parameter message: Of the gateway; about calls or about the link.
    package mutating func receive(_ message: WireMessage, at now: Moment) -> [Directive] {
        switch state {
        case .closed, .refused: return []
        case .dialling: return receiveDialling(message, at: now)
        case .up:
            lastHeard = now
            return receiveUp(message, at: now)
        }
    }

    /// A message that is none. Three in a minute, and the link is dialled anew.
    package mutating func receivedMalformed(at now: Moment) -> [Directive] {
        guard isUp, offences.add(at: now) else { return [] }
        return lose("sent malformed messages", at: now)
    }

    package mutating func tick(at now: Moment) -> [Directive] {
        switch state {
        case .closed: return []
        case .dialling(let since):
            // A socket that is connected but not answered may have lost the HELLO with a dying gateway.
            return now - since >= timings.lostAfter ? dial(at: now) : []
        case .refused(let until): return now >= until ? dial(at: now) : []
        case .up:
            let silent = now - lastHeard
            if silent >= lostAfter { return lose("was silent for \(silent.secondsText)", at: now) }
            guard now - lastSent >= heartbeat else { return [] }
            lastSent = now
            return [.send(WireMessage(Envelope(.heartbeat)))]
        }
    }

    private mutating func receiveDialling(_ message: WireMessage, at now: Moment) -> [Directive] {
        switch message.envelope.kind {
        case .welcome:
            do throws(CallError) {
                let welcome = try Welcome(message.body)
                state = .up
                lastHeard = now
                heartbeat = .milliseconds(Int64(welcome.heartbeatMilliseconds))
                lostAfter = heartbeat * Int(welcome.missedMax)
                return [.up(welcome)]
            } catch {
                return refuse(error, at: now)
            }
        case .error where message.envelope.stream.isEmpty:
            let error = CallerBook.error(of: message)
            return error.details[CallError.expectedKey] == nil ? refuse(error, at: now) : []
        default:
            return []
        }
    }

    private mutating func receiveUp(_ message: WireMessage, at now: Moment) -> [Directive] {
        guard message.envelope.stream.isEmpty else { return [] }
        switch message.envelope.kind {
        case .bye: return lose("stopped", at: now)
        case .drain: return [.gatewayDrains]
        case .error where CallerBook.error(of: message).details[CallError.expectedKey] != nil:
            // It does not know this peer: it was started again, or took this peer for gone.
            return lose("was started again, or took this process for gone", at: now)
        default: return []
        }
    }

    private mutating func lose(_ why: String, at now: Moment) -> [Directive] {
        let error = CallError(.unavailable, "the gateway at \(endpoint) \(why)", details: ["service": "gateway"])
        return [.lost(error)] + dial(at: now)
    }

    private mutating func dial(at now: Moment) -> [Directive] {
        state = .dialling(since: now)
        offences = Offences(limits: limits)
        lastSent = now
        return [.dial, .send(hello)]
    }

    private mutating func refuse(_ error: CallError, at now: Moment) -> [Directive] {
        state = .refused(until: now + limits.refusalTime)
        return [.refused(error)]
    }
}

extension CallError {
    /// The detail by which a gateway tells a peer it does not know what it wants to hear first.
    package static let expectedKey = "expected"

    package static let helloExpected = CallError(
        .failedPrecondition, "this gateway does not know this peer; say HELLO first", details: [expectedKey: "HELLO"])
}
