/// How often a link is proved to be alive. What the gateway is given counts; `WELCOME` tells it to its peers.
public struct LinkTimings: Sendable {
    /// A peer that has sent nothing for this long sends a `HEARTBEAT`.
    public var heartbeat: Duration
    /// Silent for this many heartbeats, a peer counts as gone.
    public var missedMax: Int

    public init(heartbeat: Duration = .milliseconds(500), missedMax: Int = 4) {
        self.heartbeat = heartbeat
        self.missedMax = missedMax
    }

    var lostAfter: Duration { heartbeat * max(1, missedMax) }

    /// How often the machines are told the time: often enough for the heartbeat, and never idle for nothing.
    var tick: Duration { min(max(heartbeat / 4, .milliseconds(5)), .milliseconds(100)) }
}

/// What bounds memory and time at every end of CLQ/1. Each limit is held before a message is read further.
public struct WireLimits: Sendable {
    /// Bytes of one part: the largest sound file of the contracts.
    public var partBytesMax = 128 << 20
    /// Bytes of one message, all parts together: two such files and what goes with them.
    public var messageBytesMax = 272 << 20
    /// Parts of one message: envelope, payload, blobs.
    public var partsMax = 64
    /// Items of one stream and direction that may be under way. A larger `credit` is a protocol error.
    public var itemCreditMax = 256
    /// Items that a handler's side takes before the handler has consumed any.
    public var inputItemCredit = 16
    /// Requests that one peer may have open at the gateway.
    public var requestsPerPeerMax = 256
    /// Requests that a gateway's own handlers work on.
    package var ownRequestsMax: Int { 1024 }
    /// Requests for which one end may hold credit.
    package var requestCreditMax: Int { 4096 }
    /// Peers that the gateway remembers.
    public var peersMax = 1024
    /// Requests per service that wait for a worker.
    public var waitingMax = 64
    /// Bytes of all waiting requests together.
    public var waitingBytesMax = 512 << 20
    /// How long a request waits for a worker of its service to appear.
    public var appearWait: Duration = .seconds(2)
    /// Time budget of a request that states none.
    public var budgetDefault: Duration = .seconds(60)
    /// The largest budget; a larger one is cut. Long dialogues on a slow machine take hours.
    public var budgetMax: Duration = .seconds(24 * 3600)
    /// How long a stopping end waits for what runs.
    public var drainWait: Duration = .seconds(30)
    /// Malformed messages within `offenceWindow` until a peer is refused.
    public var offencesMax = 3
    public var offenceWindow: Duration = .seconds(60)
    /// How long a peer stays refused.
    public var refusalTime: Duration = .seconds(60)

    public init() {}
}
