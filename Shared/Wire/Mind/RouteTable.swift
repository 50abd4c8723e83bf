import Contracts

/// A request that was forwarded, and the state of its streams as they pass by.
struct Route: Sendable {
    let caller: PeerKey
    let callerStream: StreamID
    let worker: PeerKey
    /// As the caller's, unless the worker has a stream of that name already.
    let workerStream: StreamID
    let method: String
    let deadline: Moment
    let budget: Duration
    /// Items from the caller to the worker.
    var toWorker = Inflow()
    /// Items from the worker to the caller.
    var toCaller = Inflow()
}

/// The forwarded requests, found from either side.
struct RouteTable: Sendable {
    struct Leg: Hashable, Sendable {
        let peer: PeerKey
        let stream: StreamID
    }

    private var routes: [Leg: Route] = [:]
    private var callerLegs: [Leg: Leg] = [:]

    var count: Int { routes.count }

    /// In an order that does not depend on hashing.
    var all: [Route] { routes.values.sorted { $0.callerStream < $1.callerStream } }

    func hasWorkerLeg(_ peer: PeerKey, _ stream: StreamID) -> Bool { routes[Leg(peer: peer, stream: stream)] != nil }
    func hasCallerLeg(_ peer: PeerKey, _ stream: StreamID) -> Bool {
        callerLegs[Leg(peer: peer, stream: stream)] != nil
    }

    /// The route whose caller names it so.
    subscript(caller peer: PeerKey, stream: StreamID) -> Route? {
        get { callerLegs[Leg(peer: peer, stream: stream)].flatMap { routes[$0] } }
        set {
            guard let leg = callerLegs[Leg(peer: peer, stream: stream)], let newValue else { return }
            routes[leg] = newValue
        }
    }

    /// The route whose worker names it so.
    subscript(worker peer: PeerKey, stream: StreamID) -> Route? {
        get { routes[Leg(peer: peer, stream: stream)] }
        set {
            let leg = Leg(peer: peer, stream: stream)
            guard routes[leg] != nil, let newValue else { return }
            routes[leg] = newValue
        }
    }

    mutating func add(_ route: Route) {
        let leg = Leg(peer: route.worker, stream: route.workerStream)
        routes[leg] = route
        callerLegs[Leg(peer: route.caller, stream: route.callerStream)] = leg
    }

    mutating func remove(_ route: Route) {
        routes.removeValue(forKey: Leg(peer: route.worker, stream: route.workerStream))
        callerLegs.removeValue(forKey: Leg(peer: route.caller, stream: route.callerStream))
    }
}
