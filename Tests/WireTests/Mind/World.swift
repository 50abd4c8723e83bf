import Contracts
import TestSupport
import Wire

/// Clients, workers and a gateway without sockets or clocks: a seed decides what happens to every message.
struct World {
    enum Weather {
        /// What libzmq's transports do: messages keep their order; a connection may break and lose what is on it.
        case transport
        /// What no transport should do: messages are dropped, doubled and overtake each other.
        case hostile
    }

    struct Answered {
        var items: [Int] = []
        var ends: [Result<MessageBody, CallError>] = []
        var endedAt: Moment?
    }

    struct Plan {
        let items: Int
        /// Whether the handler takes the items, and does not send them.
        let isTaking: Bool
        let deadline: Moment
    }

    /// What a handler has still to do.
    struct Work {
        let call: Int
        var toSend: Range<Int>
        var inputEnded: Bool
        var isStopped = false
    }

    struct End {
        var link: PeerLink
        var caller: CallerBook
        var callee: CalleeBook
        var connection = 0
        var works: [StreamID: Work] = [:]
        /// Items that a client has still to send.
        var outbox: [StreamID: Range<Int>] = [:]
    }

    private struct Flight {
        let due: Moment
        let number: Int
        let message: WireMessage
        /// The end and its connection.
        let end: Int
        let connection: Int
        let toGateway: Bool
    }

    static let timings = LinkTimings(heartbeat: .milliseconds(100), missedMax: 4)
    static let step = Duration.milliseconds(20)

    let weather: Weather
    var random: SeededRandom
    var now = Moment(sinceStart: .zero)
    var stormy = true
    var mind: GatewayMind
    var ends: [End] = []
    var answered: [Int: Answered] = [:]
    /// How often a handler was started, by call.
    var starts: [Int: Int] = [:]
    var takenByHandlers: [Int: [Int]] = [:]
    var callOfStream: [StreamID: Int] = [:]
    var plans: [Int: Plan] = [:]
    private var flights: [Flight] = []
    private var lastDue: [Int: Moment] = [:]
    private var nextFlight = 0
    private var nextConnection = 1

    init(seed: UInt64, weather: Weather, clients: Int, workers: Int, slots: Int) {
        self.weather = weather
        random = SeededRandom(seed: seed)
        var own = describe("gateway")
        own.methods = []
        let names = StreamNames(seed: seed)
        mind = GatewayMind(
            own: own, limits: WireLimits(), timings: Self.timings, at: now, newStream: { names.next() })
        for number in 0..<(clients + workers) {
            let isWorker = number >= clients
            var description = describe(isWorker ? "codec" : "client", slots: slots)
            description.methods = isWorker ? ["codec.Count", "codec.Take"] : []
            var end = End(
                link: PeerLink(
                    description: description, endpoint: "sim", timings: Self.timings, limits: WireLimits(), at: now),
                caller: CallerBook(limits: WireLimits()),
                callee: CalleeBook(
                    methods: isWorker ? ["codec.Count": false, "codec.Take": true] : [:], requestsMax: slots,
                    limits: WireLimits()))
            let directives = end.link.start(at: now)
            ends.append(end)
            perform(directives, at: number)
        }
    }

    // MARK: Time

    mutating func run(_ duration: Duration) {
        let until = now + duration
        while now < until {
            now = now + Self.step
            deliver()
            for end in ends.indices {
                if stormy, chance(weather == .transport ? 0.004 : 0) { breakConnection(of: end) }
                perform(ends[end].link.tick(at: now), at: end)
                perform(ends[end].caller.tick(at: now), at: end)
                perform(ends[end].callee.tick(at: now), at: end)
                work(at: end)
            }
            perform(mind.tick(at: now))
        }
    }

    /// As libzmq does it: a new connection under a new name, and what was on the old one is lost.
    private mutating func breakConnection(of end: Int) {
        flights.removeAll { $0.end == end }
        connect(end)
    }

    private mutating func connect(_ end: Int) {
        ends[end].connection = nextConnection
        nextConnection += 1
        lastDue[2 * end] = nil
        lastDue[2 * end + 1] = nil
    }

    private mutating func deliver() {
        let due = flights.filter { $0.due <= now }.sorted { ($0.due, $0.number) < ($1.due, $1.number) }
        flights.removeAll { $0.due <= now }
        for flight in due where ends[flight.end].connection == flight.connection {
            let message = flight.message
            if flight.toGateway {
                perform(mind.receive(message, from: Self.key(flight.connection), at: now))
            } else {
                perform(ends[flight.end].link.receive(message, at: now), at: flight.end)
                if ends[flight.end].link.isUp { receive(message, at: flight.end) }
            }
        }
    }

    private mutating func send(_ message: WireMessage, end: Int, connection: Int, toGateway: Bool) {
        var copies = 1
        if stormy, weather == .hostile {
            if chance(0.03) { copies = 0 } else if chance(0.05) { copies = 2 }
        }
        for _ in 0..<copies {
            var due = now + .milliseconds(Int.random(in: 0...60, using: &random))
            if weather == .transport || !stormy {
                let lane = 2 * end + (toGateway ? 1 : 0)
                due = max(due, lastDue[lane] ?? due)
                lastDue[lane] = due
            }
            flights.append(
                Flight(
                    due: due, number: nextFlight, message: message, end: end, connection: connection,
                    toGateway: toGateway))
            nextFlight += 1
        }
    }

    // MARK: The ends

    private mutating func receive(_ message: WireMessage, at end: Int) {
        guard let stream = message.stream else {
            if message.envelope.kind == .credit {
                perform(ends[end].caller.receive(requestCredit: message.envelope.credit, at: now), at: end)
            }
            return
        }
        if message.envelope.kind == .request {
            perform(ends[end].callee.receive(request: message, on: stream, place: 0, at: now), at: end)
        } else if let directives = ends[end].caller.receive(message, on: stream) {
            perform(directives, at: end)
        } else if let directives = ends[end].callee.receive(message, on: stream) {
            perform(directives, at: end)
        }
    }

    private mutating func perform(_ directives: [PeerLink.Directive], at end: Int) {
        for directive in directives {
            switch directive {
            case .dial: connect(end)
            case .send(let message): sendFromEnd(message, end)
            case .up:
                perform(ends[end].caller.linkUp(at: now), at: end)
                perform(ends[end].callee.linkUp(), at: end)
            case .lost(let error):
                perform(ends[end].caller.linkLost(error, at: now), at: end)
                perform(ends[end].callee.linkLost(error), at: end)
            case .refused, .gatewayDrains: break
            }
        }
    }

    private mutating func sendFromEnd(_ message: WireMessage, _ end: Int) {
        ends[end].link.sent(at: now)
        send(message, end: end, connection: ends[end].connection, toGateway: true)
    }

    private mutating func perform(_ directives: [CallerBook.Directive], at end: Int) {
        for directive in directives {
            switch directive {
            case .send(let message): sendFromEnd(message, end)
            case .deliver(let stream, let item):
                guard let call = callOfStream[stream] else { continue }
                answered[call, default: Answered()].items.append(Self.number(item))
                // Consumed at once; the books give credit for it.
                perform(ends[end].caller.consumed(1, on: stream), at: end)
            case .end(let stream, let result):
                guard let call = callOfStream[stream] else { continue }
                answered[call, default: Answered()].ends.append(result)
                answered[call]?.endedAt = now
                ends[end].outbox[stream] = nil
            case .endItems, .maySend: break
            }
        }
    }

    private mutating func perform(_ directives: [CalleeBook.Directive], at end: Int) {
        for directive in directives {
            switch directive {
            case .send(let message): sendFromEnd(message, end)
            case .start(let request):
                let words = Self.text(request.body).split(separator: " ").compactMap { Int($0) }
                starts[words[0], default: 0] += 1
                ends[end].works[request.stream] = Work(
                    call: words[0], toSend: 0..<words[1], inputEnded: request.method == "codec.Count")
            case .deliver(let stream, let item):
                guard let call = ends[end].works[stream]?.call else { continue }
                takenByHandlers[call, default: []].append(Self.number(item))
                perform(ends[end].callee.consumed(1, on: stream), at: end)
            case .endItems(let stream): ends[end].works[stream]?.inputEnded = true
            case .stop(let stream, _): ends[end].works[stream]?.isStopped = true
            case .maySend: break
            }
        }
    }

    /// Everyone does a part of what is to be done.
    private mutating func work(at end: Int) {
        for stream in ends[end].works.keys.sorted() {
            guard var work = ends[end].works[stream] else { continue }
            while !work.isStopped, let next = work.toSend.first,
                case .success(let directives)? = ends[end].callee.send(Self.item(next), on: stream)
            {
                work.toSend.removeFirst()
                perform(directives, at: end)
            }
            ends[end].works[stream] = work
            guard work.isStopped || (work.toSend.isEmpty && work.inputEnded), chance(0.3) else { continue }
            ends[end].works[stream] = nil
            let count = takenByHandlers[work.call]?.count ?? 0
            perform(ends[end].callee.returned(.success(Self.item(count)), on: stream), at: end)
        }
        for stream in ends[end].outbox.keys.sorted() {
            while let next = ends[end].outbox[stream]?.first,
                case .success(let directives)? = ends[end].caller.send(Self.item(next), on: stream)
            {
                ends[end].outbox[stream]?.removeFirst()
                perform(directives, at: end)
            }
            guard ends[end].outbox[stream]?.isEmpty == true else { continue }
            ends[end].outbox[stream] = nil
            perform(ends[end].caller.finishSending(on: stream, at: now), at: end)
        }
    }

    // MARK: The gateway

    private mutating func perform(_ directives: [GatewayMind.Directive]) {
        var queue = directives[...]
        while let directive = queue.popFirst() {
            guard case .send(let key, let message) = directive, case .remote = key else { continue }
            guard let end = ends.firstIndex(where: { Self.key($0.connection) == key }) else {
                queue += mind.unreachable(key, "its connection is gone", at: now)
                continue
            }
            send(message, end: end, connection: ends[end].connection, toGateway: false)
        }
    }

    // MARK: Calls

    /// - Parameters:
    ///   - items: That the worker sends, or takes when `taking`.
    mutating func call(_ call: Int, from end: Int, items: Int, taking: Bool, budget: Duration) {
        let stream = StreamID(using: &random)
        callOfStream[stream] = call
        answered[call] = Answered()
        plans[call] = Plan(items: items, isTaking: taking, deadline: now + budget)
        if taking { ends[end].outbox[stream] = 0..<items }
        let order = CallerBook.Order(
            stream: stream, method: taking ? "codec.Take" : "codec.Count",
            body: MessageBody(payload: Array("\(call) \(taking ? 0 : items)".utf8)), budget: budget,
            itemCredit: taking ? 0 : Int.random(in: 1...5, using: &random))
        perform(ends[end].caller.call(order, at: now), at: end)
    }

    func succeeded(_ call: Int) -> Bool {
        if case .success? = answered[call]?.ends.first { true } else { false }
    }

    mutating func chance(_ probability: Double) -> Bool { Double.random(in: 0..<1, using: &random) < probability }

    private static func key(_ connection: Int) -> PeerKey { .remote(Array("\(connection)".utf8)) }
    static func item(_ number: Int) -> MessageBody { MessageBody(payload: Array("\(number)".utf8)) }
    static func text(_ body: MessageBody) -> String { String(decoding: body.payload, as: UTF8.self) }
    static func number(_ body: MessageBody) -> Int { Int(text(body)) ?? -1 }
}
